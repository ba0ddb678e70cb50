namespace Kdump.Diagnosis.Crashes;

/// <summary>The steps of a dump, in their order.</summary>
public enum DumpStage
{
    None,

    /// <summary>Memory is set aside for the capture kernel.</summary>
    Reserved,

    /// <summary>The capture kernel is loaded.</summary>
    Armed,

    /// <summary>The crashed kernel jumps.</summary>
    Jumped,

    /// <summary>The capture kernel runs.</summary>
    Started,
    Unpacking,
    Unpacked,

    /// <summary>The first program of its initramfs runs.</summary>
    Init,
    TargetAwaited,
    TargetMounted,
    LogSaved,
    Copying,

    /// <summary>makedumpfile is done.</summary>
    Written,

    /// <summary>The dump bears its final name.</summary>
    Saved,
    Rebooted,
}

/// <summary>A line that shows how far a dump got.</summary>
/// <param name="Detail">A path, a device, a percentage.</param>
public sealed record DumpMark(Source Source, DumpStage Stage, string? Detail = null) : Fact(Source)
{
    public static string NameOf(DumpStage stage) => stage switch
    {
        DumpStage.None => "none",
        DumpStage.Reserved => "reserved",
        DumpStage.Armed => "armed",
        DumpStage.Jumped => "jumped",
        DumpStage.Started => "capture-kernel-started",
        DumpStage.Unpacking => "unpacking-initramfs",
        DumpStage.Unpacked => "initramfs-unpacked",
        DumpStage.Init => "init-started",
        DumpStage.TargetAwaited => "waiting-for-target",
        DumpStage.TargetMounted => "target-mounted",
        DumpStage.LogSaved => "log-saved",
        DumpStage.Copying => "copying",
        DumpStage.Written => "written",
        DumpStage.Saved => "saved",
        _ => "rebooted",
    };
}

/// <summary>A line that says why a dump failed.</summary>
public sealed record DumpFault(Source Source, string Reason) : Fact(Source);
