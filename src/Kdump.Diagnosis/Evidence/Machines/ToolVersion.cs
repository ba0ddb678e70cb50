namespace Kdump.Diagnosis.Evidence.Machines;

/// <summary>The version of a program that the machine dumps with.</summary>
/// <param name="Tool"><c>makedumpfile</c>, <c>kexec-tools</c>, <c>crash</c>.</param>
/// <param name="Version">Upstream's part: <c>1.7.2</c>.</param>
public sealed record ToolVersion(Source Source, string Tool, string Version) : Fact(Source);

/// <summary>How a kernel's image file is packed, where that decides who can load it.</summary>
/// <param name="Form"><c>zboot</c> (a PE file that unpacks itself, arm64, riscv, loongarch) or <c>uki</c> (kernel, image and command line
/// in
/// one PE file).</param>
public sealed record KernelImageForm(Source Source, string Form) : Fact(Source)
{
    /// <summary>What a zboot file is packed with (drivers/firmware/efi/libstub/zboot-header.S); empty when it does not say.</summary>
    public string Packing { get; init; } = "";
}

/// <summary>The kernel that the boot loader starts next is another one, and there is no image for it yet.</summary>
/// <param name="Blocks">Why its first boot will not build one; empty: it will.</param>
public sealed record NextImageAbsent(Source Source, string Release, string Path, string Blocks) : Fact(Source);

/// <summary>The kernel that the boot loader starts next, and its command line.</summary>
public sealed record NextBoot(Source Source, string Release, string CommandLine) : Fact(Source);
