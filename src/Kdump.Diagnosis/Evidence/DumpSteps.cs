namespace Kdump.Diagnosis.Evidence;

/// <summary>How far a dump got, as the kernel and the dump tools say it.</summary>
public enum DumpStep
{
    /// <summary>Memory was set aside for the crash kernel (kernel/crash_core.c, arch reserve_crashkernel).</summary>
    Reserved,
    NotReserved,

    /// <summary>kexec refused to load the crash kernel.</summary>
    LoadRejected,

    /// <summary>The old kernel's memory is not to be had (fs/proc/vmcore.c).</summary>
    VmcoreMissing,
    Saving,
    Saved,
    SaveFailed,
    NoSpace,
    Incomplete,
}

/// <summary>One step of a dump, or its failure.</summary>
public sealed record DumpProgress(Source Source, DumpStep Step) : Fact(Source);

/// <summary>The kernel stopped on purpose; <paramref name="Reason"/> is what stands behind <c>Kernel panic - not syncing: </c>.</summary>
public sealed record KernelPanic(Source Source, string Reason) : Fact(Source);

internal static class DumpSteps
{
    /// <summary>What a line holds → the step it proves. Order matters: the first that fits wins.</summary>
    private static readonly (string Text, DumpStep Step)[] Signs =
    [
        ("crashkernel reserved: 0x", DumpStep.Reserved),
        ("MB of memory at ", DumpStep.Reserved),                                // Reserving 192MB of memory at 496MB for crashkernel
        ("crashkernel reservation failed", DumpStep.NotReserved),
        ("crashkernel: memory value expected", DumpStep.NotReserved),
        ("Memory for crashkernel is not reserved", DumpStep.NotReserved),
        ("No memory reserved for crash kernel", DumpStep.NotReserved),
        ("kexec_load failed", DumpStep.LoadRejected),
        ("kexec_file_load failed", DumpStep.LoadRejected),
        ("kexec of unsigned images is restricted", DumpStep.LoadRejected),
        ("Kdump: vmcore not initialized", DumpStep.VmcoreMissing),
        ("saving vmcore complete", DumpStep.Saved),
        ("The dumpfile is saved to ", DumpStep.Saved),
        ("dumpfile is SAVED", DumpStep.Saved),
        ("saving vmcore failed", DumpStep.SaveFailed),
        ("makedumpfile Failed.", DumpStep.SaveFailed),
        ("No space left on device", DumpStep.NoSpace),
        ("vmcore-incomplete", DumpStep.Incomplete),
        ("saving vmcore", DumpStep.Saving),
        ("kdump: saving to ", DumpStep.Saving),
    ];

    public static bool Read(in KernelLine kernel, in TextLine line, Facts facts)
    {
        var c = new TextCursor(kernel.Message);
        if (c.Skip("Kernel panic - not syncing: "))
        {
            facts.Add(new KernelPanic(line.ToSource(), c.Rest.Trim().ToString()));
            return true;
        }
        foreach ((string text, DumpStep step) in Signs)
        {
            if (!kernel.Message.Contains(text, StringComparison.Ordinal))
                continue;
            if (text.StartsWith("MB of", StringComparison.Ordinal) && !kernel.Message.EndsWith(')') && !kernel.Message.Contains("for crashkernel", StringComparison.Ordinal))
                continue;
            facts.Add(new DumpProgress(line.ToSource(), step));
            return true;
        }
        return false;
    }
}
