using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>
/// One zone of memory in the state that the kernel prints when memory could not be had (mm/show_mem.c, before 6.4 mm/page_alloc.c
/// show_free_areas()):
/// <c>Node 0 Normal free:18296kB min:48948kB … managed:10352916kB … slab_unreclaimable:3981440kB …</c>. Until 4.7 all
/// is told per zone; since then locked and slab memory is told once for the machine, in pages.
/// </summary>
/// <param name="SlabKiB">Of the kernel's own objects that cannot be given back; null where the line does not tell.</param>
/// <param name="LockedKiB">Locked by programs (mlock).</param>
public sealed record MemoryZone(Source Source, string Name, long FreeKiB, long MinKiB, long? ManagedKiB, long? SlabKiB, long? LockedKiB)
    : Fact(Source)
{
    /// <summary>Of the free memory: of the CMA area, which only memory that can be moved may use.</summary>
    public long? CmaKiB { get; init; }
}

/// <summary>A part of the state of memory that the kernel prints when memory could not be had: a zone's free list, or the table of
/// tasks.</summary>
/// <param name="Killer">The table that only the OOM killer prints.</param>
public sealed record MemoryReportPart(Source Source, bool Killer) : Fact(Source);

/// <summary>The machine's unreclaimable slab memory, told once, in pages.</summary>
public sealed record SlabPages(Source Source, long Pages) : Fact(Source);

public sealed class MemoryZones : LineParser
{
    private const string Zone = "kB min:", Slab = "slab_unreclaimable:";

    /// <summary>Zones kept of one log: the last report counts.</summary>
    private const int MaxZones = 256;

    private int kept;

    public override string Kind => "kernel log";

    private const string Tasks = "Tasks state (memory values in pages)", OldTasks = " total_vm      rss ", List = "*4kB ",
        Asked = "how Memory";

    private static readonly string[] Names = ["DMA", "DMA32", "Normal", "HighMem", "Movable"];

    private bool asked;

    public override IReadOnlyList<string> Signs { get; } = [Zone, Slab, Tasks, OldTasks, List, Asked];

    public override bool Line(in TextLine line, Facts facts)
    {
        ReadOnlySpan<char> text = line.Kernel.Message;
        if (line.Kernel.Foreign || kept >= MaxZones)
            return false;
        if (text.Contains(Asked, StringComparison.Ordinal))
        {
            // sysrq-m: somebody asked for it.
            asked = true;
            return false;
        }
        bool killer = text.StartsWith(Tasks, StringComparison.Ordinal) || text.Contains(OldTasks, StringComparison.Ordinal);
        if (!asked && (killer || IsFreeList(text)) && kept++ < MaxZones)
            facts.Add(new MemoryReportPart(line.ToSource(), killer));
        int end = text.IndexOf(" free:", StringComparison.Ordinal);
        if (end > 0 && Number(text, " free:") is { } free && Number(text, " min:") is { } min && ZoneOf(text[..end]) is { } zone)
        {
            kept++;
            facts.Add(new MemoryZone(line.ToSource(), zone, free, min, Number(text, " managed:"),
                Number(text, " slab_unreclaimable:"), Number(text, " mlocked:")) { CmaKiB = Number(text, " free_cma:") });
            return true;
        }
        int at = text.IndexOf(Slab, StringComparison.Ordinal);
        if (at < 0)
            return false;
        ReadOnlySpan<char> rest = text[(at + Slab.Length)..];
        int digits = rest.IndexOfAnyExceptInRange('0', '9');
        digits = digits < 0 ? rest.Length : digits;
        // With a unit it is a zone's or a node's.
        if (digits is < 1 or > 15 || rest[digits..].StartsWith("kB", StringComparison.Ordinal) ||
            !long.TryParse(rest[..digits], out long pages))
            return false;
        kept++;
        facts.Add(new SlabPages(line.ToSource(), pages));
        return true;
    }

    public override void End(Facts facts) => (kept, asked) = (0, false);

    /// <summary><c>Node 0 Normal</c>; without a node on machines of one, since 2.6 on 32 bit and where NUMA is not configured.</summary>
    private static string? ZoneOf(ReadOnlySpan<char> head)
    {
        if (head.StartsWith("Node ", StringComparison.Ordinal))
            return head["Node ".Length..].ToString();
        string name = head.ToString();
        return Array.IndexOf(Names, name) >= 0 ? name : null;
    }

    /// <summary><c>Node 0 DMA: 1*4kB (U) 0*8kB … = 14756kB</c></summary>
    private static bool IsFreeList(ReadOnlySpan<char> text)
    {
        int colon = text.IndexOf(':');
        return colon is > 2 and < 24 && text.EndsWith("kB", StringComparison.Ordinal) && text.Contains(" = ", StringComparison.Ordinal) &&
            text.Contains(List, StringComparison.Ordinal) && (text.StartsWith("Node ", StringComparison.Ordinal) ||
                ZoneOf(text[..colon]) is not null);
    }

    private static long? Number(ReadOnlySpan<char> text, string name)
    {
        int at = text.IndexOf(name, StringComparison.Ordinal);
        if (at < 0)
            return null;
        ReadOnlySpan<char> rest = text[(at + name.Length)..];
        int digits = rest.IndexOfAnyExceptInRange('0', '9');
        return digits is > 0 and <= 15 && rest[digits..].StartsWith("kB", StringComparison.Ordinal) && long.TryParse(rest[..digits],
            out long value) ? value : null;
    }
}
