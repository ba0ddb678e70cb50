using System.Text;
using Kdump.Formats.Dumps;
using Kdump.Tests.Builders;

namespace Kdump.Tests.Formats.Dumps;

public sealed class FirstBytesTests
{
    public static TheoryData<string, byte[]> Disks => new()
    {
        { "an ext2, ext3 or ext4 file system", DiskBytes.Ext4() },
        { "a disk with a GPT", DiskBytes.Gpt() },
        { "a disk with a partition table", DiskBytes.Mbr(type: 0x83, flag: 0x80) },
        { "an XFS file system", DiskBytes.With(0, Encoding.ASCII.GetBytes("XFSB")) },
        { "an F2FS file system", DiskBytes.With(1024, [0x10, 0x20, 0xf5, 0xf2]) },
        { "a physical volume of LVM", DiskBytes.With(512, Encoding.ASCII.GetBytes("LABELONE")) },
        { "an encrypted volume (LUKS)", DiskBytes.With(0, [0x4c, 0x55, 0x4b, 0x53, 0xba, 0xbe]) },
        { "a swap area", DiskBytes.With(4086, Encoding.ASCII.GetBytes("SWAPSPACE2")) },
        { "a FAT file system", DiskBytes.With(82, Encoding.ASCII.GetBytes("FAT32   ")) },
    };

    [Theory]
    [MemberData(nameof(Disks))]
    public void A_disk_is_known_by_its_first_block(string name, byte[] head) =>
        Assert.Equal(name, FirstBytes.Of(head.AsSpan(0, FirstBytes.Head)).Name);

    [Fact]
    public void Bytes_that_only_look_like_a_magic_are_no_disk()
    {
        Assert.Equal(ContentFamily.Binary, FirstBytes.Of(DiskBytes.Ext4(blocks: 99)).Family);
        Assert.Equal(ContentFamily.Binary, FirstBytes.Of(DiskBytes.Mbr(type: 0x83, flag: 7)).Family);
        Assert.Equal(ContentFamily.Binary, FirstBytes.Of(DiskBytes.Mbr(type: 0, flag: 0)).Family);
    }

    [ToolFact("mkfs.ext4")]
    public void A_file_system_that_mkfs_made_is_known()
    {
        string path = Path.GetTempFileName();
        try
        {
            using (FileStream disk = File.OpenWrite(path))
                disk.SetLength(4 << 20);
            Tool.Run($"PATH=$PATH:/usr/sbin mkfs.ext4 -q -F {path}", "/tmp");
            Assert.Equal(ContentFamily.FileSystem, FirstBytes.Of(File.ReadAllBytes(path).AsSpan(0, FirstBytes.Head)).Family);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
