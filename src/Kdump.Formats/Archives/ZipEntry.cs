namespace Kdump.Formats.Archives;

/// <summary>A member of a zip archive, as described by the local header before its data.</summary>
/// <param name="Size">Unpacked size in bytes; -1 if the size follows the data.</param>
/// <param name="Crc">CRC-32 of the unpacked bytes; null if it follows the data.</param>
/// <param name="Encrypted">True if the data is encrypted and cannot be unpacked.</param>
public sealed record ZipEntry(string Name, long Size, uint? Crc, bool Encrypted);
