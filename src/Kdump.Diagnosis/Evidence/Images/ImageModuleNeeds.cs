namespace Kdump.Diagnosis.Evidence.Images;

/// <summary>A kernel module in the image that names another one which is neither in it nor built in.</summary>
/// <param name="Wanted">It is on the way to this machine's dump target.</param>
public sealed record ModuleNeedUnmet(Source Source, string Module, string Needs, bool Wanted) : Fact(Source);

/// <summary>A module whose vermagic is of another kernel than the folder it stands in.</summary>
public sealed record ModuleVermagicOther(Source Source, string Module, string Vermagic, string Release) : Fact(Source);

/// <summary>Firmware that a module names and the image does not hold.</summary>
/// <param name="Wanted">The module drives the way to this machine's dump target.</param>
/// <param name="InRoot">The machine has the file: null when there is no root to look at.</param>
public sealed record FirmwareNeedUnmet(Source Source, string Module, string Firmware, bool Wanted, bool? InRoot) : Fact(Source);

/// <summary>modules.dep, by which modprobe finds modules, is missing or does not list every module in the image.</summary>
/// <param name="Modules">The modules that it does not list; empty when the file is missing.</param>
public sealed record ModuleIndexBroken(Source Source, string Release, IReadOnlyList<string> Modules) : Fact(Source);

/// <summary>Modules are stored in a compression that the image's kmod cannot unpack.</summary>
/// <param name="Packing">Their suffix: <c>.xz</c>.</param>
/// <param name="Library">What kmod would need for it.</param>
/// <param name="KernelCan">The kernel unpacks modules of this compression itself; null when its configuration is not known.</param>
public sealed record ModulePackingUnread(Source Source, string Packing, int Modules, string Library, bool? KernelCan) : Fact(Source);

/// <summary>A module has no signature, and the kernel takes signed ones only.</summary>
/// <param name="Demand">What says so.</param>
public sealed record ModuleUnsigned(Source Source, string Module, Source Demand, bool Wanted) : Fact(Source);

/// <summary>A module in the image that is known to use much memory and that writing the dump does not need.</summary>
/// <param name="Loaded">The machine has it loaded, so it has such a device and the crash kernel will load it too; null without a
/// root.</param>
public sealed record ModuleAppetite(Source Source, string Module, string Why, long Bytes, bool? Loaded) : Fact(Source);
