namespace Kdump.Diagnosis.Evidence.Machines;

/// <summary>The kernel of the machine that the image is judged against.</summary>
/// <param name="Release">As uname -r tells it.</param>
public sealed record MachineKernel(Source Source, string Release) : Fact(Source);

/// <summary>Who made the machine, or whose cloud it runs in: sys_vendor of its DMI tables.</summary>
public sealed record MachineVendor(Source Source, string Name) : Fact(Source);

/// <summary>A driver on the way to the dump target, as the machine has it bound now.</summary>
/// <param name="Target">The disk or interface.</param>
/// <param name="Device">The device in the chain: <c>0000:00:04.0</c>, <c>virtio1</c>.</param>
/// <param name="Module">Its module; empty when the driver is built into the kernel.</param>
/// <param name="InImage">In the image, or built into the image's kernel.</param>
public sealed record TargetDriver(Source Source, string Target, string Device, string Driver, string Module, bool InImage) : Fact(Source);

/// <summary>Something on the way to the dump target that a program has to put together: a volume group, a multipath, a session.</summary>
/// <param name="What">What stands there: <c>a logical volume</c>.</param>
/// <param name="Programs">Any one of these does.</param>
public sealed record TargetProgram(Source Source, string Target, string Device, string What, IReadOnlyList<string> Programs) : Fact(Source);

/// <summary>None of the programs is in the image.</summary>
public sealed record TargetProgramMissing(Source Source, TargetProgram Need) : Fact(Source);

/// <summary>A partition that is to take a raw dump holds something: it will be written over.</summary>
/// <param name="Holds">What: <c>ext4</c>, <c>LVM2_member</c>.</param>
public sealed record RawTargetHolds(Source Source, string Spec, string Holds) : Fact(Source);

/// <summary>The way through sysfs to a disk or interface of the dump target: every device on it, outermost first.</summary>
public sealed record TargetPath(Source Source, string Target, IReadOnlyList<string> Devices) : Fact(Source);

/// <summary>The dump target of the image cannot be followed on the machine: what was looked for, and what is known instead.</summary>
public sealed record TargetUnresolved(Source Source, string Spec, string Reason) : Fact(Source);

/// <summary>The image names another dump target than the machine's settings do; either is empty where none is named.</summary>
/// <param name="Source">In the image.</param>
/// <param name="Machine">On the machine.</param>
public sealed record ImageTargetDiffers(Source Source, string OfImage, string OfMachine, Source Machine) : Fact(Source)
{
    /// <summary>The file of the machine's settings.</summary>
    public string File { get; init; } = "/etc/kdump.conf";
}

/// <summary>The id that the image or the machine's settings look for, and the ids that the machine's disks have.</summary>
/// <param name="Known">Ids of the same kind that the machine has.</param>
public sealed record TargetIdAbsent(Source Source, string Spec, string Kind, IReadOnlyList<string> Known) : Fact(Source)
{
    /// <summary>It stands in the machine's own settings.</summary>
    public bool OfMachine { get; init; }

    /// <summary>
    /// The mount point, where it is a mount of /etc/fstab that the start of the root waits for, and the dump is written after that start;
    /// otherwise null.
    /// </summary>
    public string? Mount { get; init; }
}

/// <summary>Something the image was built from that is newer than the image, or differs from what stands in it.</summary>
/// <param name="Differs">The content was compared; otherwise only the times.</param>
public sealed record SourceChanged(Source Source, string Path, bool Differs, string What) : Fact(Source);

/// <summary>Memory that the first kernel keeps for the crash kernel.</summary>
public sealed record CrashReservation(Source Source, long Bytes) : Fact(Source)
{
    /// <summary>Bytes of it that are pages of CMA: the crash kernel has them, but kernel and image do not lie there.</summary>
    public long Cma { get; init; }
}

/// <summary>A parameter that the crash kernel will get.</summary>
/// <param name="Value">Null without an equals sign.</param>
public sealed record CaptureParameter(Source Source, string Name, string? Value) : Fact(Source);

/// <summary>A parameter for a module of the image that the module does not have.</summary>
/// <param name="Parameter">As it stands: <c>nvme.io_queue_depht=2</c>.</param>
/// <param name="Names">The parameters that the module has.</param>
public sealed record ParameterNotOfModule(Source Source, string Parameter, string Module, IReadOnlyList<string> Names) : Fact(Source);

/// <summary>The kernel takes signed modules only: lockdown, module.sig_enforce or its configuration says so.</summary>
public sealed record SignatureDemand(Source Source) : Fact(Source);

/// <summary>The block device that a dump target is on this machine.</summary>
public sealed record TargetNode(Source Source, string Spec, string Node) : Fact(Source);

/// <summary>Free room where the dump is to go, as df or statvfs tells it.</summary>
public sealed record TargetRoom(Source Source, string Spec, long FreeBytes) : Fact(Source)
{
    /// <summary>Bytes that must stay free: SUSE's kdump-save deletes a dump that leaves less (KDUMP_FREE_DISK_SIZE).</summary>
    public long Kept { get; init; }
}
