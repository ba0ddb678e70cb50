using System.Text;

namespace Kdump.Tests.Builders;

/// <summary>A blob of ELF notes.</summary>
public sealed class NotesBuilder(bool bigEndian = false)
{
    private readonly ByteWriter bytes = new(bigEndian);

    public NotesBuilder Add(string name, uint type, ReadOnlySpan<byte> description)
    {
        int at = bytes.Length;
        bytes.U32(at, (uint)name.Length + 1);
        bytes.U32(at + 4, (uint)description.Length);
        bytes.U32(at + 8, type);
        bytes.Put(at + 12, Encoding.ASCII.GetBytes(name + "\0"));
        bytes.Pad((bytes.Length + 3) & ~3);
        bytes.Put(bytes.Length, description);
        bytes.Pad((bytes.Length + 3) & ~3);
        return this;
    }

    public NotesBuilder VmcoreInfo(string text) => Add("VMCOREINFO", 0, Encoding.ASCII.GetBytes(text));

    public byte[] ToArray() => bytes.ToArray();
}
