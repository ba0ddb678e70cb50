namespace Kdump.Formats.Archives;

/// <summary>A member of a zip archive as the header before its data tells of it.</summary>
/// <param name="Size">Unpacked bytes; -1 where they stand behind the data.</param>
/// <param name="Crc">CRC-32 of the unpacked bytes; null where it stands behind the data.</param>
/// <param name="Encrypted">Its data cannot be unpacked.</param>
public sealed record ZipEntry(string Name, long Size, uint? Crc, bool Encrypted);
