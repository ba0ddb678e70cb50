using System.Buffers.Binary;

namespace Kdump.Kernel.Memory;

/// <summary>The ELF notes of a dump: name, type and contents, padded to four bytes on 64-bit machines too.</summary>
public static class Notes
{
    public static IEnumerable<(string Name, uint Type, ReadOnlyMemory<byte> Contents)> Walk(ReadOnlyMemory<byte> notes)
    {
        int at = 0;
        while (notes.Length - at >= 12)
        {
            uint nameSize = BinaryPrimitives.ReadUInt32LittleEndian(notes.Span[at..]);
            uint size = BinaryPrimitives.ReadUInt32LittleEndian(notes.Span[(at + 4)..]);
            uint type = BinaryPrimitives.ReadUInt32LittleEndian(notes.Span[(at + 8)..]);
            long contents = at + 12L + ((nameSize + 3L) & ~3L);
            if (contents + size > notes.Length)
                yield break;
            string name = System.Text.Encoding.Latin1.GetString(notes.Span.Slice(at + 12, (int)nameSize)).TrimEnd('\0');
            if (nameSize != 0 || size != 0)
                yield return (name, type, notes.Slice((int)contents, (int)size));
            at = (int)Math.Min(notes.Length, contents + ((size + 3L) & ~3L));
        }
    }
}
