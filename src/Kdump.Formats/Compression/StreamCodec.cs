namespace Kdump.Formats.Compression;

/// <summary>One compression as a stream: its first bytes, and a decoder for one stream.</summary>
/// <param name="Kernel">The CONFIG_RD_* option with which the kernel unpacks an initramfs of it; null where no kernel does.</param>
public sealed record StreamCodec(string Name, ReadOnlyMemory<byte> Magic, string? Kernel, Func<StreamDecoder> Open)
{
    public bool Recognizes(ReadOnlySpan<byte> head) => head.StartsWith(Magic.Span);
}
