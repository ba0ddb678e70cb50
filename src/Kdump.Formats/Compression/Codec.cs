using System.Diagnostics.CodeAnalysis;
using Kdump.Formats.Bytes;

namespace Kdump.Formats.Compression;

/// <summary>Decodes one whole block. The target's length is the cap: whatever the block claims, nothing is written past it.</summary>
/// <returns>Null when all is well, else the reason in a few words.</returns>
public delegate string? BlockDecoder(ReadOnlySpan<byte> source, Span<byte> target, out int written);

/// <summary>Opens a stream of this compression that begins at an offset of a source.</summary>
public delegate DecodingStream StreamOpener(IByteSource source, long offset);

/// <summary>
/// A compression: how it begins, which library decodes it, and its two ways of decoding: a block of known size (a page of a dump), and a
/// stream of unknown size (a segment of an initramfs). A format has only the ways that are used with it.
/// </summary>
public sealed class Codec
{
    private readonly byte[] magic;
    private readonly BlockDecoder? block;
    private readonly StreamOpener? stream;

    /// <param name="magic">How a stream begins; empty when only blocks without one are known.</param>
    /// <param name="library">The shared library that decodes.</param>
    /// <param name="packages">Where an administrator finds the library: <c>Debian: …, RHEL: …</c>.</param>
    public Codec(string name, byte[] magic, string library, string packages, BlockDecoder? block = null, StreamOpener? stream = null)
    {
        Name = name;
        this.magic = magic;
        Library = library;
        Packages = packages;
        this.block = block;
        this.stream = stream;
    }

    public string Name { get; }

    public string Library { get; }

    public string Packages { get; }

    public ReadOnlySpan<byte> Magic => magic;

    public bool DecodesBlocks => block is not null;

    public bool DecodesStreams => stream is not null;

    /// <summary>Whether a stream of this compression begins so.</summary>
    public bool Recognizes(ReadOnlySpan<byte> head) => magic.Length > 0 && head.StartsWith(magic);

    /// <inheritdoc cref="BlockDecoder"/>
    /// <exception cref="InputException">The library is not installed.</exception>
    public string? DecodeBlock(ReadOnlySpan<byte> source, Span<byte> target, out int written)
    {
        if (block is null)
            throw new InvalidOperationException($"{Name} has no block form here");
        try
        {
            return block(source, target, out written);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            ThrowMissing(e);
            throw;
        }
    }

    /// <summary>A stream over what is compressed at <paramref name="offset"/>.</summary>
    /// <exception cref="InputException">The library is not installed.</exception>
    public DecodingStream Open(IByteSource source, long offset)
    {
        if (stream is null)
            throw new InvalidOperationException($"{Name} has no stream form here");
        try
        {
            return stream(source, offset);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            ThrowMissing(e);
            throw;
        }
    }

    [DoesNotReturn]
    private void ThrowMissing(Exception inner) =>
        throw new InputException(Library, Name, -1, $"the library that decodes {Name} is not installed ({Packages})", inner);
}
