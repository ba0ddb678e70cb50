namespace Kdump.Diagnosis.Memory;

/// <summary>
/// The reservation that a crash kernel needs. There are two peaks, and the larger decides: while the image is unpacked (packed and
/// unpacked image together; a tmpfs root takes no more than a part of what is left), and while the dump is written. Page structs
/// and hash tables grow with the reservation itself. Constants: tests/lab/memory, from the smallest reservation with which a crash
/// kernel worked.
/// </summary>
public sealed class MemoryForecast
{
    /// <summary>
    /// The reservation needs 64 bytes of struct page for each of its own pages, and about 0.4 % more for page tables and hash
    /// tables (fs/inode.c, fs/dcache.c, net/ipv4/tcp.c scale theirs by memory).
    /// </summary>
    private const double Grows = (1.0 / 64) + 0.004;

    private const long Unit = 1 << 20;

    private readonly MemoryInputs inputs;

    public MemoryForecast(MemoryInputs inputs)
    {
        this.inputs = inputs;
        Items = [.. Parts(inputs)];
        Needed = new(Smallest(i => i.Low), Smallest(i => i.Likely), Smallest(i => i.High));
        Unpacking = new(Unpack(i => i.Low), Unpack(i => i.Likely), Unpack(i => i.High));
    }

    public MemoryInputs Inputs => inputs;

    public IReadOnlyList<MemoryItem> Items { get; }

    /// <summary>The reservation: at least, likely, at most; whole megabytes.</summary>
    public MemoryRange Needed { get; }

    /// <summary>Memory for unpacking the image alone.</summary>
    public MemoryRange Unpacking { get; }

    /// <summary>True or false where the bounds decide, null between them.</summary>
    public bool? Enough(long reserved)
    {
        if (reserved >= Needed.High)
            return true;
        return reserved < Needed.Low ? false : null;
    }

    private static IEnumerable<MemoryItem> Parts(MemoryInputs i)
    {
        yield return new("kernel: text, constants, data", MemoryPhase.Always, i.Kernel, i.KernelReason);
        yield return new("kernel: slabs, page tables, first CPU", MemoryPhase.Always, MemoryCosts.KernelRuntime, "measured by the lab");
        if (i.Cpus > 1)
        {
            long more = (i.Cpus - 1) * i.BytesPerCpu;
            yield return new($"{Counted.Of(i.Cpus - 1, "more CPU")}", MemoryPhase.Always, new(more / 2, more, more * 2),
                "per-CPU area, stacks, caches");
        }
        if (i.InterruptTables > 0)
            yield return new("interrupt controller (ITS): its tables", MemoryPhase.Always, MemoryRange.Exactly(i.InterruptTables),
                "the running kernel's log");
        if (i.MemoryEncryption)
            yield return new("bounce buffer (memory encryption)", MemoryPhase.Always, MemoryRange.Megabytes(64, 64, 64),
                "kdump-utils commit 4841bc6");
        string measured = i.HasImage ? "measured" : "typical";
        yield return new("image, unpacked", i.RealRoot ? MemoryPhase.Unpacking : MemoryPhase.Always, i.Unpacked,
            i.RealRoot ? measured + "; freed when the real root takes over" : measured + ": files in the root file system");
        yield return new("image, packed", MemoryPhase.Unpacking, i.Packed, measured + "; freed when it is unpacked");
        if (i.Modules > 0)
            yield return new("modules", MemoryPhase.Dumping, new(i.Modules, i.Modules, i.Modules * 5 / 4), "sizes of those that load");
        foreach ((string module, int devices, bool needed) in i.Drivers)
        {
            (MemoryRange bytes, string reason) = DriverMemory.Of(module, devices, i.LargePages);
            yield return new($"{module}, {Counted.Of(devices, "device")}", MemoryPhase.Dumping, bytes, reason)
            { LeaveOut = needed ? "" : module };
        }
        yield return new((i.RealRoot, i.Systemd) switch
        {
            (true, _) => "programs of the real root",
            (_, true) => "systemd, udev, journal",
            _ => "shell, udev",
        },
            MemoryPhase.Dumping, (i.RealRoot, i.Systemd) switch
            {
                (true, _) => MemoryCosts.RealRoot,
                (_, true) => MemoryCosts.Systemd,
                _ => MemoryCosts.Shell,
            },
            i.RealRoot ? "not measured by the lab yet" : "bounded by the lab");
        if (i.Network)
            yield return new("network, ssh or NFS", MemoryPhase.Dumping, MemoryCosts.Network, "not measured by the lab yet");
        // Two bitmaps with a bit for each page; in cycles when they do not fit.
        long bitmaps = Math.Min(2 * (i.Ram / 4096 / 8), 64L << 20);
        yield return new("makedumpfile", MemoryPhase.Dumping, MemoryCosts.Makedumpfile + new MemoryRange(bitmaps / 4, bitmaps, bitmaps),
            $"{(bitmaps + (1 << 20) - 1) >> 20} MB of bitmaps for {i.Ram >> 30} GB, and its buffers");
        if (i.Encrypted)
            yield return new("unlocking the target (argon2)", MemoryPhase.Dumping, MemoryRange.Megabytes(0, 0, 1024),
                "cryptsetup's default, where somebody types the passphrase");
        yield return new("page cache and reserve", MemoryPhase.Dumping, MemoryCosts.Reserve, "bounded by the lab");
    }

    private long Smallest(Func<MemoryRange, long> of) => Math.Max(Unpack(of), Round(Sum(of, MemoryPhase.Always, MemoryPhase.Dumping)));

    private long Unpack(Func<MemoryRange, long> of)
    {
        long always = Items.Where(i => i.Phase == MemoryPhase.Always && i.Name != "image, unpacked").Sum(i => of(i.Bytes));
        long packed = of(inputs.Packed), unpacked = of(inputs.Unpacked);
        long together = Round(always + packed + unpacked);
        if (inputs.RootPercent >= 100)
            return together;
        // init/do_mounts.c, mm/shmem.c: the part is of what is left when the kernel and the packed image are taken away.
        long limited = Round(always + packed + (unpacked * 100 / inputs.RootPercent));
        return Math.Max(together, limited);
    }

    private long Sum(Func<MemoryRange, long> of, params MemoryPhase[] phases) =>
        Items.Where(i => phases.Contains(i.Phase)).Sum(i => of(i.Bytes));

    private static long Round(long bytes) => ((long)(bytes / (1 - Grows)) + Unit - 1) / Unit * Unit;
}
