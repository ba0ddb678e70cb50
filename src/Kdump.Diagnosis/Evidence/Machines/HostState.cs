namespace Kdump.Diagnosis.Evidence.Machines;

/// <summary>The tools of the machine and their systemd unit.</summary>
/// <param name="Enabled">The unit starts at boot; null when the tree does not tell.</param>
public sealed record KdumpSetup(Source Source, KdumpTools Tools, string Unit, bool? Enabled) : Fact(Source);

/// <summary>The distribution by os-release(5).</summary>
/// <param name="Name">PRETTY_NAME.</param>
/// <param name="Tools">Whose dump tools it has.</param>
public sealed record Distribution(Source Source, string Name, KdumpTools Tools) : Fact(Source);

/// <summary>/sys/kernel/kexec_crash_loaded: a panic would start a crash kernel.</summary>
public sealed record KexecLoaded(Source Source, bool Loaded) : Fact(Source);

/// <summary>/sys/kernel was read whole, and lacks the files that a kernel with CONFIG_CRASH_DUMP has there.</summary>
public sealed record KexecAbsent(Source Source) : Fact(Source);

/// <summary>A setting below /proc/sys, by its dotted name: <c>kernel.panic_on_oops</c>.</summary>
public sealed record Sysctl(Source Source, string Name, string Value) : Fact(Source)
{
    public bool On => Value is not ("0" or "");
}

/// <summary>/sys/kernel/security/lockdown: <c>none</c>, <c>integrity</c> or <c>confidentiality</c>.</summary>
public sealed record LockdownMode(Source Source, string Mode) : Fact(Source);

/// <summary>The crash kernel's memory as the boot loader is configured to ask for it from the next boot on.</summary>
public sealed record CrashkernelConfigured(Source Source, string Value) : Fact(Source);

/// <summary>CPUs that the running kernel may have (/sys/devices/system/cpu/possible).</summary>
public sealed record PossibleCpus(Source Source, int Count) : Fact(Source);

/// <summary>A watchdog of the running kernel.</summary>
/// <param name="Active">It counts down now.</param>
/// <param name="Module">The module of its driver; empty when built in or not known.</param>
/// <param name="InImage">The crash kernel can feed it; null when no image could be looked into.</param>
public sealed record WatchdogState(Source Source, string Name, string Identity, bool Active, int TimeoutSeconds, string Module,
    bool? InImage) : Fact(Source);

/// <summary>The image that the machine's tools build for a kernel.</summary>
/// <param name="Others">Images for other kernels that are there.</param>
public sealed record ExpectedImage(Source Source, string Release, string Path, ExpectedImageState State, IReadOnlyList<string> Others)
    : Fact(Source);

public enum ExpectedImageState
{
    Absent,
    There,

    /// <summary>The image exists, but only root may read it.</summary>
    Unreadable,

    /// <summary>The machine has it; the collection does not hold its content.</summary>
    NotCollected,

    /// <summary>The tree does not hold the folder it would be in.</summary>
    Unknown,
}

/// <summary>What updates the dump's header when a CPU or memory is plugged in after the crash kernel was loaded.</summary>
/// <param name="ByKernel">The kernel itself (Linux commit 247262756121 ("crash: add generic infrastructure for crash hotplug
/// support"), v6.6).</param>
/// <param name="ByUdev">A udev rule that loads the crash kernel again.</param>
/// <param name="Pluggable">What shows that memory or CPUs can come: a driver; empty when nothing does.</param>
public sealed record CrashHotplug(Source Source, bool ByKernel, bool ByUdev, string Pluggable) : Fact(Source);

/// <summary>The way to the dump target leads through an encrypted device.</summary>
/// <param name="KeysKept">The kernel hands the volume keys to the crash kernel (CONFIG_CRASH_DM_CRYPT, v6.16).</param>
public sealed record TargetEncrypted(Source Source, string Target, string Device, bool KeysKept) : Fact(Source);

/// <summary>SELinux's label of something that kdump reads or writes is not the one that its policy has for that path.</summary>
/// <param name="Label">Its label; empty for none.</param>
/// <param name="Wanted">The type it must have; empty: any valid one.</param>
/// <param name="Enforcing">SELinux refuses accesses, and does not only log them.</param>
public sealed record LabelWrong(Source Source, string Path, string Label, string Wanted, bool Enforcing) : Fact(Source);
