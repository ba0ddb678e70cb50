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
    : Fact(Source);

/// <summary>The machine's unreclaimable slab memory, told once, in pages.</summary>
public sealed record SlabPages(Source Source, long Pages) : Fact(Source);

public sealed class MemoryZones : LineParser
{
    private const string Zone = "kB min:", Slab = "slab_unreclaimable:";

    /// <summary>Zones kept of one log: the last report counts.</summary>
    private const int MaxZones = 256;

    private int kept;

    public override string Kind => "kernel log";

    public override IReadOnlyList<string> Signs { get; } = [Zone, Slab];

    public override bool Line(in TextLine line, Facts facts)
    {
        ReadOnlySpan<char> text = line.Kernel.Message;
        if (line.Kernel.Foreign || kept >= MaxZones)
            return false;
        if (Number(text, " free:") is { } free && Number(text, " min:") is { } min && text.StartsWith("Node ", StringComparison.Ordinal))
        {
            int name = text.IndexOf(" free:", StringComparison.Ordinal);
            kept++;
            facts.Add(new MemoryZone(line.ToSource(), text["Node ".Length..name].ToString(), free, min, Number(text, " managed:"),
                Number(text, " slab_unreclaimable:"), Number(text, " mlocked:")));
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

    public override void End(Facts facts) => kept = 0;

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
