using System.Text;
using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;
using Kdump.Tests.Builders;

namespace Kdump.Tests.Formats.Dumps;

public sealed class DumpFormatsTests
{
    [Theory]
    [InlineData("ed238f61730119a8", "LKCD")]
    [InlineData("a8190173618f23ed", "LKCD")]
    [InlineData("a8190173618f23fd", "s390")]
    [InlineData("edeb0ff0", "Xen")]
    [InlineData("eeeb0ff0", "Xen")]
    [InlineData("d2bed2be", "VMware")]
    [InlineData("d1bad1ba", "VMware")]
    [InlineData("5041474544553634", "Windows")]
    [InlineData("5041474544554d50", "Windows")]
    [InlineData("5145564d", "savevm")]
    [InlineData("454d694c", "LiME")]
    public void Known_formats_that_are_not_read_are_named(string magic, string name)
    {
        byte[] file = [.. Convert.FromHexString(magic), .. new byte[4096]];
        InputException refused = DumpBytes.Refused(file);
        Assert.Contains(name, refused.Message);
        Assert.Contains("known, but not supported", refused.Message);
        Assert.DoesNotContain('\n', refused.Message);
        Assert.IsType<KnownUnsupported>(DumpFormats.Of(new MemorySource(file)));
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("1f8b0800", "gzip")]
    [InlineData("28b52ffd", "zstd")]
    [InlineData("fd377a585a00", "xz")]
    [InlineData("425a6839", "bzip2")]
    [InlineData("303730373031", "initramfs")]
    [InlineData("00000000000000000000", "zeros")]
    [InlineData("5b20202020302e3030303030305d204c696e7578", "text")]
    [InlineData("8899aabb01020304", "unknown first bytes")]
    public void What_is_no_dump_is_told_what_it_looks_like(string head, string words)
    {
        byte[] file = Convert.FromHexString(head);
        InputException refused = DumpBytes.Refused(file);
        Assert.Contains("not a dump", refused.Message);
        Assert.Contains(words, refused.Message);
        Assert.Null(DumpFormats.Of(new MemorySource(file)));
    }

    [Fact]
    public void A_flattened_file_of_something_else_says_so() =>
        Assert.Equal("flattened content", DumpBytes.Refused(FlattenedBuilder.Of(Encoding.ASCII.GetBytes("hello"), 10)).Field);

    [Fact]
    public void Both_formats_are_told_flattened_and_plain()
    {
        byte[] elf = new ElfBuilder().Load(0, new byte[4096]).Build(), kdump = new DiskDumpBuilder().Page(1).Build();
        Assert.Equal("ELF", DumpFormats.Of(new MemorySource(elf))?.Name);
        Assert.Equal("ELF", DumpFormats.Of(new MemorySource(FlattenedBuilder.Of(elf, 100)))?.Name);
        Assert.Equal("kdump-compressed", DumpFormats.Of(new MemorySource(kdump))?.Name);
        Assert.Equal("kdump-compressed", DumpFormats.Of(new MemorySource(FlattenedBuilder.Of(kdump, 100)))?.Name);
    }

    [Fact]
    public void Files_of_different_kinds_are_not_one_dump() =>
        Assert.Contains("not parts of one dump",
            DumpBytes.Refused(new DiskDumpBuilder().Page(1).Build(), new ElfBuilder().Load(0, new byte[4096]).Build()).Message);

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        InputException refused = Assert.Throws<InputException>(() => DumpFormats.Open(["/nowhere/vmcore"]));
        Assert.Equal("/nowhere/vmcore", refused.Input);
    }

    [Fact]
    public void A_directory_is_refused() => Assert.Throws<InputException>(() => DumpFormats.Open([Path.GetTempPath()]));

    [Fact]
    public void No_file_at_all_is_refused() => Assert.Throws<InputException>(() => DumpFormats.Open((string[])[]));
}
