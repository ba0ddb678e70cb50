using System.Text;
using Kdump.Formats.Archives;
using Kdump.Formats.Bytes;

namespace Kdump.Tests.Formats.Archives;

/// <summary>The kernel's grammar: what init/initramfs.c does with archives that tools write seldom or never.</summary>
public sealed class InitramfsTests
{
    private static BootImage Open(params byte[][] parts) => BootImage.Open(new MemorySource("img", parts.SelectMany(p => p).ToArray()));

    private static string? Text(BootImage image, string path) =>
        image.Find(path) is { } node ? Encoding.UTF8.GetString(node.Content.Read(1 << 20)) : null;

    private static byte[] Pack(string packer, byte[] bytes) => Tool.Run(packer, "/tmp", bytes);

    [ToolFact("zstd", "gzip", "xz")]
    public void Plain_and_compressed_segments_follow_in_any_order()
    {
        byte[] one = new CpioBuilder().File("one", "1").Trailer().Zeros(700).ToArray();
        byte[] two = Pack("zstd -q", new CpioBuilder().File("two", "2").Trailer().ToArray());
        byte[] three = Pack("gzip", new CpioBuilder().File("three", "3").ToArray());
        byte[] four = new CpioBuilder().File("four", "4").Trailer().ToArray();
        byte[] five = Pack("xz --check=crc32", new CpioBuilder().File("five", "5").Trailer().ToArray());
        byte[] pad = new byte[4 - (two.Length + three.Length) % 4 + 512];
        using BootImage image = Open(one, two, three, pad, four, five);
        Assert.Empty(image.Damages);
        Assert.Equal(["none", "zstd", "gzip", "none", "xz"], image.Initramfs.Segments.Select(s => s.Compression));
        Assert.Equal(["one", "two", "three", "four", "five"], image.Initramfs.Entries.Select(e => e.Name));
        Assert.Equal([0L, one.Length, one.Length + two.Length], image.Initramfs.Segments.Take(3).Select(s => s.Offset));
        Assert.All(image.Initramfs.Segments, s => Assert.Equal(1, s.Entries));
        foreach ((string name, string content) in new[] { ("five", "5"), ("one", "1"), ("three", "3"), ("two", "2"), ("four", "4") })
            Assert.Equal(content, Text(image, "/" + name));
    }

    [Fact]
    public void The_last_of_several_equal_names_wins()
    {
        using BootImage image = Open(new CpioBuilder().File("x", "first").File("./x", "second").Trailer().ToArray(),
            new CpioBuilder().File("/x", "third").Trailer().ToArray());
        Assert.Equal("third", Text(image, "/x"));
        Assert.Equal(3, image.Initramfs.Entries.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Hard_links_share_the_content_that_comes_with_any_of_them(bool last)
    {
        byte[] body = "shared"u8.ToArray();
        using BootImage image = Open(new CpioBuilder()
            .Entry("a", 0x81a4, last ? [] : body, links: 3, ino: 7).Entry("b", 0x81a4, [], links: 3, ino: 7)
                .Entry("c", 0x81a4, last ? body : [], links: 3, ino: 7).Trailer().ToArray());
        Assert.All(new[] { "/a", "/b", "/c" }, p => Assert.Equal("shared", Text(image, p)));
    }

    [Fact]
    public void A_trailer_ends_the_table_of_hard_links()
    {
        using BootImage image = Open(new CpioBuilder().Entry("a", 0x81a4, "one"u8.ToArray(), links: 2, ino: 7).Trailer().ToArray(),
            new CpioBuilder().Entry("b", 0x81a4, [], links: 2, ino: 7).Trailer().ToArray());
        Assert.Equal("", Text(image, "/b"));
    }

    [Fact]
    public void Names_may_be_padded_with_zeros_to_align_data()
    {
        using BootImage image = Open(
            new CpioBuilder().Entry("padded", 0x81a4, "content"u8.ToArray(), namePadding: 3000).Trailer().ToArray());
        Assert.Equal("content", Text(image, "/padded"));
    }

    [Fact]
    public void Early_microcode_is_told_from_an_archive_that_is_unpacked()
    {
        using BootImage image = Open(
            new CpioBuilder().Folder("kernel").Folder("kernel/x86").Folder("kernel/x86/microcode")
            .File("kernel/x86/microcode/GenuineIntel.bin", "m").Trailer().ToArray(),
            new CpioBuilder().File("init", "#!/bin/sh", 0x81ed).Trailer().ToArray());
        Assert.Equal([true, false], image.Initramfs.Segments.Select(s => s.Early));
    }

    [Fact]
    public void An_entry_whose_folder_is_missing_is_lost_and_said_to_be()
    {
        using BootImage image = Open(new CpioBuilder().File("nowhere/x", "1").File("dev/there", "2").Trailer().ToArray());
        Assert.Null(image.Find("/nowhere/x"));
        Assert.Equal("2", Text(image, "/dev/there"));
        Assert.Contains("nowhere", image.Initramfs.Entries[0].Lost);
    }

    [Theory]
    [InlineData("../../etc/passwd", "/etc/passwd")]
    [InlineData("/etc/passwd", "/etc/passwd")]
    [InlineData("etc/../../etc/passwd", "/etc/passwd")]
    public void Paths_that_climb_stay_inside_the_tree(string name, string where)
    {
        using BootImage image = Open(new CpioBuilder().Folder("etc").File(name, "inside").Trailer().ToArray());
        Assert.Equal("inside", Text(image, where));
    }

    [Fact]
    public void Files_are_put_through_links_to_folders_and_links_out_lead_to_the_image_root()
    {
        using BootImage image = Open(
            new CpioBuilder().Folder("usr").Folder("usr/lib").Link("lib", "usr/lib").Link("out", "../../../..").File("lib/x", "through")
            .File("out/y", "top").Trailer().ToArray());
        Assert.Equal("through", Text(image, "/usr/lib/x"));
        Assert.Equal("top", Text(image, "/y"));
    }

    [Fact]
    public void A_circle_of_links_leads_nowhere()
    {
        using BootImage image = Open(new CpioBuilder().Link("a", "b").Link("b", "a").Link("self", "self/self/self").Trailer().ToArray());
        Assert.Null(image.Find("/a"));
        Assert.Null(image.Find("/self/x"));
        Assert.Contains("too many links", image.Root.BreaksAt("/a"));
    }

    [Theory]
    [InlineData("070707", "incorrect cpio method used: use -H newc option")]
    [InlineData("0a0701", "no cpio magic")]
    public void A_wrong_magic_is_refused_in_the_kernels_words(string magic, string message)
    {
        byte[] bytes = new CpioBuilder { Magic = magic }.File("x", "1").Trailer().ToArray();
        using BootImage image = Open(bytes);
        Assert.Contains(message, Assert.Single(image.Damages).Reason);
    }

    [Fact]
    public void A_field_that_is_no_number_names_itself_and_its_offset()
    {
        byte[] bytes = new CpioBuilder().File("x", "1").File("y", "2").Trailer().ToArray();
        bytes[116 + 54] = (byte)'g';
        using BootImage image = Open(bytes);
        Damage damage = Assert.Single(image.Damages);
        Assert.Equal(("c_filesize", 116 + 54L), (damage.Field, damage.Offset));
        Assert.Equal("x", Assert.Single(image.Initramfs.Entries).Name);
    }

    [Fact]
    public void A_wrong_checksum_is_found()
    {
        byte[] bytes = new CpioBuilder { Magic = "070702" }.Entry("x", 0x81a4, "abc"u8.ToArray(), check: 1).Trailer().ToArray();
        using BootImage image = Open(bytes);
        Assert.Contains("bad data checksum", Assert.Single(image.Damages).Reason);
    }

    [Fact]
    public void Bytes_that_are_no_archive_end_the_image()
    {
        using BootImage image = Open(new CpioBuilder().File("x", "1").Trailer().ToArray(), "junk"u8.ToArray());
        Assert.Contains("invalid magic", Assert.Single(image.Damages).Reason);
        Assert.Equal("1", Text(image, "/x"));
    }

    [Fact]
    public void A_name_that_claims_four_gigabytes_is_stepped_over_or_refused()
    {
        using BootImage image = Open(new CpioBuilder().Entry("x", 0x81a4, [], nameSize: uint.MaxValue).Trailer().ToArray());
        Assert.NotEmpty(image.Damages);
    }

    [ToolFact("zstd")]
    public void Every_cut_of_a_small_image_is_a_damage_or_a_whole_prefix()
    {
        byte[] plain = new CpioBuilder().Folder("etc").File("etc/a", "aaaaaaaaaa").File("etc/b", "bbbb").Trailer().ToArray();
        foreach (byte[] whole in new[] { plain, Pack("zstd -q", plain) })
        {
            for (int cut = 0; cut < whole.Length; cut++)
            {
                using BootImage image = Open(whole[..cut]);
                Assert.True(image.Initramfs.Entries.Count <= 3);
                Assert.True(image.Damages.Any() || whole == plain);
            }
        }
    }

    [ToolFact("xz", "lz4")]
    public void What_user_space_unpacks_and_the_kernel_refuses_is_an_objection()
    {
        byte[] cpio = new CpioBuilder().File("x", new string('y', 5000)).Trailer().ToArray();
        using BootImage crc64 = Open(Pack("xz --check=crc64", cpio)), frame = Open(Pack("lz4 -c", cpio)),
            after = Open(Pack("lz4 -lc", cpio), Pack("gzip", cpio));
        Assert.Contains("CRC64", Assert.Single(crc64.Initramfs.Objections).Text);
        Assert.Equal(ObjectionKind.Refused, Assert.Single(frame.Initramfs.Objections).Kind);
        Assert.Contains("no end mark", Assert.Single(after.Initramfs.Objections).Text);
        Assert.Equal(2, after.Initramfs.Entries.Count);
    }

    [ToolFact("zstd")]
    public void A_window_that_no_kernel_allocates_is_an_objection()
    {
        byte[] cpio = new CpioBuilder().File("x", new byte[1 << 20]).Trailer().ToArray();
        using BootImage image = Open(Pack("zstd -q --ultra -22 --zstd=wlog=27 --no-content-size", cpio));
        Assert.Equal(ObjectionKind.Costly, Assert.Single(image.Initramfs.Objections).Kind);
    }

    [ToolFact("zstd")]
    public void A_bomb_is_stopped_by_its_ratio()
    {
        byte[] bomb = Tool.Run("(printf 070701; head -c 4000000000 /dev/zero) | zstd -q -19", "/tmp");
        using BootImage image = Open(bomb);
        Assert.NotEmpty(image.Damages);
        byte[] header = new CpioBuilder().Entry("x", 0x81a4, [], size: 3_900_000_000).ToArray();
        byte[] large = Tool.Run("(cat; head -c 3900000000 /dev/zero) | zstd -q -3", "/tmp", header);
        using BootImage second = Open(large);
        Assert.Contains("times its size", Assert.Single(second.Damages).Reason);
    }

    [Fact]
    public void The_initrd_section_of_a_unified_kernel_image_is_read()
    {
        byte[] cpio = new CpioBuilder().File("init", "#!/bin/sh", 0x81ed).Trailer().ToArray();
        var pe = new byte[0x400 + cpio.Length];
        Encoding.ASCII.GetBytes("MZ").CopyTo(pe, 0);
        pe[0x3c] = 0x80;
        Encoding.ASCII.GetBytes("PE\0\0").CopyTo(pe, 0x80);
        BitConverter.GetBytes((ushort)2).CopyTo(pe, 0x86);
        Section(pe, 0x98, ".uname", 0x200, "6.1.0-test"u8.ToArray());
        Section(pe, 0xc0, ".initrd", 0x400, cpio);
        using BootImage image = Open(pe);
        Assert.Equal("6.1.0-test", image.Kernel!.Text(".uname"));
        Assert.Equal("#!/bin/sh", Text(image, "/init"));
        Assert.Equal(0x400, Assert.Single(image.Initramfs.Segments).Offset);
    }

    private static void Section(byte[] pe, int row, string name, int offset, byte[] content)
    {
        Encoding.ASCII.GetBytes(name).CopyTo(pe, row);
        BitConverter.GetBytes(content.Length).CopyTo(pe, row + 8);
        BitConverter.GetBytes(content.Length).CopyTo(pe, row + 16);
        BitConverter.GetBytes(offset).CopyTo(pe, row + 20);
        content.CopyTo(pe, offset);
    }
}
