namespace Kdump.Formats.Compression;

/// <summary>Decodes one whole page. The target's length is the limit: nothing is written past it, whatever the data claims.</summary>
/// <returns>Null on success, otherwise the reason in a few words.</returns>
public delegate string? PageDecoder(ReadOnlySpan<byte> source, Span<byte> target, out int written);

/// <summary>A compression of a dump's pages: its flag in a page descriptor, and its decoder.</summary>
/// <param name="Flag">Its bit in page_desc.flags and in the header's status (DUMP_DH_COMPRESSED_*).</param>
public sealed record PageCodec(string Name, uint Flag, PageDecoder Decode);
