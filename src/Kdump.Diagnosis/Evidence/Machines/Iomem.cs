using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Machines;

/// <summary>What /proc/iomem says: memory this kernel may use, and what it has set aside for a crash kernel, in bytes.</summary>
public sealed record PhysicalMemory(Source Source, long SystemRam, long CrashKernel) : Fact(Source)
{
    /// <summary>Ranges that are set aside: two with crashkernel=…,high.</summary>
    public int CrashRanges { get; init; }
}

/// <summary>/proc/iomem, also where it was read without privilege and has no addresses.</summary>
/// <param name="CrashKernel">Memory is reserved for a crash kernel.</param>
public sealed record IomemListed(Source Source, bool CrashKernel) : Fact(Source);

/// <summary>
/// Reads /proc/iomem (kernel/resource.c, kernel/crash_reserve.c): <c>start-end : name</c>, indented by level. Without privilege all
/// addresses are zero.
/// </summary>
public sealed class Iomem : LineParser
{
    private Source? ram, crash, listed;
    private bool reserved;
    private int ranges;
    private ulong ramBytes, crashBytes;

    public override string Kind => "/proc/iomem";

    public override IReadOnlyList<string> Signs { get; } = [" : System RAM", " : Crash kernel"];

    public override bool Line(in TextLine line, Facts facts)
    {
        var c = new TextCursor(line.Text.Trim(' '));
        if (!c.Hex(out ulong start) || !c.Skip("-") || !c.Hex(out ulong end) || !c.Skip(" : "))
            return false;
        bool isCrash = c.Rest is "Crash kernel", isRam = c.Rest is "System RAM";
        if (!isCrash && !isRam)
            return true;
        // The line of the crash kernel's memory proves more than one of the machine's.
        if (listed is null || (isCrash && !reserved))
            listed = line.ToSource();
        reserved |= isCrash;
        if (end < start || end == 0 || end - start >= 1UL << 52)
            return true;
        if (isRam)
        {
            ram ??= line.ToSource();
            ramBytes = Math.Min(ramBytes + (end - start) + 1, 1UL << 52);
        }
        else
        {
            crash ??= line.ToSource();
            ranges++;
            crashBytes = Math.Min(crashBytes + (end - start) + 1, 1UL << 52);
        }
        return true;
    }

    public override void End(Facts facts)
    {
        if (listed is not null)
            facts.Add(new IomemListed(listed, reserved));
        if ((crash ?? ram) is { } source)
            facts.Add(new PhysicalMemory(source, (long)ramBytes, (long)crashBytes) { CrashRanges = ranges });
        ram = crash = listed = null;
        reserved = false;
        ranges = 0;
        ramBytes = crashBytes = 0;
    }
}
