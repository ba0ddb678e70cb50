using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Machines;

/// <summary>/proc/meminfo, in KiB; -1 where a line is missing.</summary>
public sealed record MemoryState(Source Source, long Total, long Free, long Available, long Shmem, long Slab, long PerCpu) : Fact(Source);

/// <summary>The file system of <c>/</c>, which in a crash kernel is memory too.</summary>
/// <param name="Bytes">Its maximum size.</param>
/// <param name="Used">What the unpacked image takes.</param>
public sealed record RootfsUse(Source Source, string Type, long Bytes, long Used) : Fact(Source);

/// <summary>A process that holds much memory, in KiB.</summary>
public sealed record ProcessMemory(Source Source, int Pid, string Command, long Resident) : Fact(Source);

/// <summary>Reads /proc/meminfo (fs/proc/meminfo.c).</summary>
public sealed class Meminfo : LineParser
{
    private Source? source;
    private long total = -1, free = -1, available = -1, shmem = -1, slab = -1, perCpu = -1;

    public override string Kind => "/proc/meminfo";

    public override bool Line(in TextLine line, Facts facts)
    {
        var c = new TextCursor(line.Text);
        if (!c.Before(":", out ReadOnlySpan<char> name) || !c.SkipSpaces() || !c.Number(out long kb) || kb < 0)
            return false;
        switch (name)
        {
            case "MemTotal":
                total = kb;
                source ??= line.ToSource();
                break;
            case "MemFree":
                free = kb;
                break;
            case "MemAvailable":
                available = kb;
                source = line.ToSource();
                break;
            case "Shmem":
                shmem = kb;
                break;
            case "Slab":
                slab = kb;
                break;
            case "Percpu":
                perCpu = kb;
                break;
            default:
                return c.Rest.EndsWith(" kB", StringComparison.Ordinal);
        }
        return true;
    }

    public override void End(Facts facts)
    {
        if (source is not null)
            facts.Add(new MemoryState(source, total, free, available, shmem, slab, perCpu));
        source = null;
        total = free = available = shmem = slab = perCpu = -1;
    }
}
