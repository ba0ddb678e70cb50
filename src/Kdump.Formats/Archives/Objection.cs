namespace Kdump.Formats.Archives;

/// <summary>Kinds of problems that the kernel has with an image, although kdt can read the image.</summary>
public enum ObjectionKind
{
    /// <summary>No kernel unpacks this.</summary>
    Refused,

    /// <summary>Older kernels, or kernels without a configuration option, do not unpack it.</summary>
    NeedsNewerKernel,

    /// <summary>The kernel unpacks it, but needs more memory than a crash kernel may have.</summary>
    Costly,

    /// <summary>The kernel skips an entry, or unpacks something different from what was intended.</summary>
    Lost,
}

/// <summary>One problem that the kernel has with the image.</summary>
/// <param name="Offset">Byte offset in the image file.</param>
/// <param name="Message">What the kernel prints after "Initramfs unpacking failed: "; null if it prints nothing.</param>
public sealed record Objection(ObjectionKind Kind, int Segment, long Offset, string Text, string? Message = null);
