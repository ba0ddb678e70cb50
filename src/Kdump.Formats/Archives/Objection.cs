namespace Kdump.Formats.Archives;

/// <summary>What the kernel will not like about an image that can be read here.</summary>
public enum ObjectionKind
{
    /// <summary>No kernel unpacks this form.</summary>
    Refused,

    /// <summary>Kernels before some version, or without some option, do not unpack it.</summary>
    NeedsNewerKernel,

    /// <summary>It unpacks, but costs memory that a crash kernel may not have.</summary>
    Costly,

    /// <summary>The kernel skips a name, or unpacks something different from what was intended.</summary>
    Lost,
}

/// <summary>One thing the kernel will not like.</summary>
/// <param name="Offset">In the image file.</param>
/// <param name="Message">What the kernel prints behind "Initramfs unpacking failed: ", where it says anything.</param>
public sealed record Objection(ObjectionKind Kind, int Segment, long Offset, string Text, string? Message = null);
