namespace Kdump.Formats.Compression;

/// <summary>One stream compression: the magic at its start, and how to create a decoder.</summary>
/// <param name="Kernel">The CONFIG_RD_* option that the kernel needs to unpack an initramfs with this compression; null if no kernel
/// can.</param>
public sealed record StreamCodec(string Name, ReadOnlyMemory<byte> Magic, string? Kernel, Func<StreamDecoder> Open)
{
    public bool Recognizes(ReadOnlySpan<byte> head) => head.StartsWith(Magic.Span);
}
