using System.Text;

namespace Kdump.Tests.Formats.Archives;

/// <summary>Writes newc cpio archives byte by byte, right ones and wrong ones.</summary>
public sealed class CpioBuilder
{
    private readonly List<byte> stream = [];
    private uint inode = 1;

    public string Magic { get; set; } = "070701";

    public CpioBuilder Folder(string name, uint mode = 0x41ed) => Entry(name, mode, []);

    public CpioBuilder File(string name, string content, uint mode = 0x81a4) => Entry(name, mode, Encoding.UTF8.GetBytes(content));

    public CpioBuilder File(string name, byte[] content, uint mode = 0x81a4) => Entry(name, mode, content);

    public CpioBuilder Link(string name, string target) => Entry(name, 0xa1ff, Encoding.UTF8.GetBytes(target));

    public CpioBuilder Trailer() => Entry("TRAILER!!!", 0, []);

    /// <summary>Any entry; what is not given is as a tool would write it.</summary>
    public CpioBuilder Entry(string name, uint mode, byte[] content, uint links = 1, uint? ino = null, uint? size = null,
        uint? nameSize = null, int namePadding = 0, uint? check = null, string? header = null)
    {
        byte[] raw = Encoding.UTF8.GetBytes(name);
        uint sum = 0;
        if (Magic == "070702")
        {
            foreach (byte b in content)
                sum = unchecked(sum + b);
        }
        uint[] fields = [ino ?? inode++, mode, 0, 0, links, 1700000000, size ?? (uint)content.Length, 8, 1, 0, 0,
            nameSize ?? (uint)(raw.Length + 1 + namePadding), check ?? sum];
        stream.AddRange(Encoding.ASCII.GetBytes(header ?? Magic + string.Concat(fields.Select(f => f.ToString("X8")))));
        stream.AddRange(raw);
        stream.AddRange(new byte[1 + namePadding]);
        Align();
        stream.AddRange(content);
        Align();
        return this;
    }

    public CpioBuilder Zeros(int count)
    {
        stream.AddRange(new byte[count]);
        return this;
    }

    public CpioBuilder Bytes(params byte[] bytes)
    {
        stream.AddRange(bytes);
        return this;
    }

    public byte[] ToArray() => [.. stream];

    private void Align() => stream.AddRange(new byte[-stream.Count & 3]);
}
