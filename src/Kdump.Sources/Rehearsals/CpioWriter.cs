using System.Text;

namespace Kdump.Sources.Rehearsals;

/// <summary>
/// A cpio archive in the form that the kernel unpacks (newc, Documentation/driver-api/early-userspace/buffer-format.rst).
/// </summary>
internal sealed class CpioWriter(Stream output)
{
    private const uint Folder = 0x41ed, Program = 0x81ed, Device = 0x2180;
    private uint inode = 1;
    private long written;

    public void AddFolder(string name) => Entry(name, Folder, 0, 0, 0);

    public void AddFile(string name, byte[] content)
    {
        Entry(name, Program, content.Length, 0, 0);
        Bytes(content);
        Align();
    }

    public void AddFile(string name, Stream content)
    {
        long length = content.Length;
        if (length > uint.MaxValue)
            throw new ArgumentException($"{name}: too large for a cpio archive");
        Entry(name, Program, length, 0, 0);
        content.CopyTo(output);
        written += length;
        Align();
    }

    public void AddDevice(string name, uint major, uint minor) => Entry(name, Device, 0, major, minor);

    public void End()
    {
        Entry("TRAILER!!!", 0, 0, 0, 0);
        while (written % 512 != 0)
            Bytes([0]);
    }

    private void Entry(string name, uint mode, long size, uint major, uint minor)
    {
        byte[] raw = Encoding.UTF8.GetBytes(name);
        var header = new StringBuilder("070701", 110);
        foreach (uint field in new[] { inode++, mode, 0u, 0u, 1u, 0u, (uint)size, 0u, 0u, major, minor, (uint)raw.Length + 1, 0u })
            header.Append(field.ToString("X8", System.Globalization.CultureInfo.InvariantCulture));
        Bytes(Encoding.ASCII.GetBytes(header.ToString()));
        Bytes(raw);
        Bytes([0]);
        Align();
    }

    private void Align()
    {
        while (written % 4 != 0)
            Bytes([0]);
    }

    private void Bytes(ReadOnlySpan<byte> bytes)
    {
        output.Write(bytes);
        written += bytes.Length;
    }
}
