using System.Diagnostics.CodeAnalysis;
using Kdump.Formats.Bytes;

namespace Kdump.Formats.Compression;

/// <summary>Decodes one whole page. The target's length is the cap: whatever the data claims, nothing is written past it.</summary>
/// <returns>Null when all is well, else the reason in a few words.</returns>
public delegate string? PageDecoder(ReadOnlySpan<byte> source, Span<byte> target, out int written);

/// <summary>A compression of a dump's pages: how a page descriptor names it, and the library that decodes it.</summary>
public sealed class PageCodec
{
    private readonly PageDecoder decode;

    /// <param name="flag">Its bit in page_desc.flags and in the header's status (DUMP_DH_COMPRESSED_*).</param>
    /// <param name="packages">Where an administrator finds the library: <c>Debian: …, RHEL: …</c>.</param>
    public PageCodec(string name, uint flag, string library, string packages, PageDecoder decode)
    {
        Name = name;
        Flag = flag;
        Library = library;
        Packages = packages;
        this.decode = decode;
    }

    public string Name { get; }

    public uint Flag { get; }

    public string Library { get; }

    public string Packages { get; }

    /// <inheritdoc cref="PageDecoder"/>
    /// <exception cref="InputException">The library is not installed.</exception>
    public string? Decode(ReadOnlySpan<byte> source, Span<byte> target, out int written)
    {
        try
        {
            return decode(source, target, out written);
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
