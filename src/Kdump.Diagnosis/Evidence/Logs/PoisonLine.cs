using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>What became of a poisoned page: mm/memory-failure.c.</summary>
public sealed record PoisonedPage(Source Source, string Pfn, string Page, string Result) : Fact(Source);

/// <summary>A process accessed a poisoned page and was sent SIGBUS or killed.</summary>
/// <param name="Pfn">Empty where the line names no page.</param>
public sealed record PoisonVictim(Source Source, string Pfn, string Process, bool Killed) : Fact(Source);

/// <summary>A page that is already out of use was accessed again.</summary>
public sealed record PoisonMetAgain(Source Source, string Pfn) : Fact(Source);

/// <summary>The machine check handler reports where user space hit the error.</summary>
public sealed record PoisonMet(Source Source, ulong Address) : Fact(Source);

/// <summary>The kernel or a daemon took a page out of use before its content was lost.</summary>
public sealed record PageSoftOfflined(Source Source, ulong Pfn, bool Failed) : Fact(Source);

/// <summary>Software took a page offline for its own reason: no memory failed.</summary>
public sealed record PageGivenUp(Source Source, string Who) : Fact(Source);

/// <summary>Lines about pages that memory failure handling took out of use, and about who was in them.</summary>
internal static class PoisonLine
{
    public static bool Read(ReadOnlySpan<char> m, in TextLine line, Facts facts)
    {
        if (Software(m) is { } who)
        {
            facts.Add(new PageGivenUp(line.ToSource(), who));
            return true;
        }
        return Met(m, line, facts) || Offlined(m, line, facts) || Failure(m, line, facts);
    }

    private static string? Software(ReadOnlySpan<char> m)
    {
        if (m.Contains("Leaking PFN range", StringComparison.Ordinal) || m.Contains("snp_leak_pages", StringComparison.Ordinal) ||
            m.Contains("snp_free_firmware_pages", StringComparison.Ordinal) || m.Contains("snp_set_rmp_state", StringComparison.Ordinal))
            return "AMD's SEV-SNP driver (ccp)";
        if (m.StartsWith("Injecting memory failure", StringComparison.Ordinal))
            return "a test that injected it";
        if (m.StartsWith("soft_offline: injecting", StringComparison.OrdinalIgnoreCase))
            return "a test that injected it";
        return null;
    }

    /// <summary><c>mce: Uncorrected hardware memory error in user-access at 8c53aee80</c></summary>
    private static bool Met(ReadOnlySpan<char> m, in TextLine line, Facts facts)
    {
        var c = new TextCursor(m);
        if (!c.SkipPast("Uncorrected hardware memory error in user-access at ") || !c.Hex(out ulong address))
            return false;
        facts.Add(new PoisonMet(line.ToSource(), address));
        return true;
    }

    /// <summary>
    /// <c>RAS: Soft-offlining pfn: 0x…</c>, <c>Soft offlining pfn 0x… at process virtual address 0x…</c>, <c>soft offline: 0x…: words</c>,
    /// mcelog's <c>Offlining page 12345000</c>.
    /// </summary>
    private static bool Offlined(ReadOnlySpan<char> m, in TextLine line, Facts facts)
    {
        var c = new TextCursor(m);
        bool address = false, failed = false;
        if (!c.SkipPast("Soft-offlining pfn: ") && !c.SkipPast("Soft offlining pfn ") && !c.SkipPast("Soft offlining page "))
        {
            if (c.SkipPast("soft offline: "))
                failed = m.Contains("failed", StringComparison.Ordinal) || m.Contains("busy", StringComparison.Ordinal);
            else if (c.SkipPast("Offlining page "))
                address = true;
            else
                return false;
        }
        if (!c.Hex(out ulong value))
            return false;
        facts.Add(new PageSoftOfflined(line.ToSource(), address ? value >> 12 : value, failed));
        return true;
    }

    /// <summary>
    /// <c>Memory failure: 0x11c7c11: recovery action for dirty LRU page: Recovered</c>, before 4.13 <c>MCE 0x11c7c11: …</c>;
    /// <c>…: Sending SIGBUS to NAME:PID due to hardware memory corruption</c>, <c>Killing …</c>; some kernels without the first two words.
    /// </summary>
    private static bool Failure(ReadOnlySpan<char> m, in TextLine line, Facts facts)
    {
        var c = new TextCursor(m);
        if (!c.Skip("Memory failure: ") && !c.Skip("MCE: "))
            c.Skip("MCE ");
        ReadOnlySpan<char> pfn = default;
        if (c.Rest.StartsWith("0x", StringComparison.Ordinal) && !c.Before(": ", out pfn))
            return false;
        if (pfn.Length > 0 && c.Skip("recovery action for ") && c.Before(": ", out ReadOnlySpan<char> page))
        {
            facts.Add(new PoisonedPage(line.ToSource(), pfn.ToString(), page.ToString(), c.Rest.Trim().ToString()));
            return true;
        }
        // 2.6.32 to 4.12: "MCE 0x…: dirty LRU page recovery: Recovered"
        if (pfn.Length > 0 && c.Before(" recovery: ", out page))
        {
            facts.Add(new PoisonedPage(line.ToSource(), pfn.ToString(), page.ToString(), c.Rest.Trim().ToString()));
            return true;
        }
        int why = c.Rest.IndexOf(" due to hardware memory corruption", StringComparison.Ordinal);
        bool killed = c.Rest.StartsWith("Killing ", StringComparison.Ordinal);
        if (why < 0 || (!c.SkipPast("Sending SIGBUS to ") && !c.Skip("Killing ")))
        {
            bool again = pfn.Length > 0 && c.Rest.Contains("already hardware poisoned", StringComparison.Ordinal);
            if (again)
                facts.Add(new PoisonMetAgain(line.ToSource(), pfn.ToString()));
            return again;
        }
        why = c.Rest.IndexOf(" due to hardware memory corruption", StringComparison.Ordinal);
        if (why < 0)
            return false;
        facts.Add(new PoisonVictim(line.ToSource(), pfn.ToString(), c.Rest[..why].Trim().ToString(), killed));
        return true;
    }
}
