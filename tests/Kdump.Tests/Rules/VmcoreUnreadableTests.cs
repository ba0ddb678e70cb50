using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class VmcoreUnreadableTests
{
    [Theory]
    [InlineData("read_from_vmcore: Can't read the dump memory(/proc/vmcore). Bad address", "EFAULT")]
    [InlineData("cp: error reading '/proc/vmcore': Bad address", "EFAULT")]
    [InlineData("cp: error reading '/proc/vmcore': Cannot allocate memory", "no lack of memory")]
    [InlineData("dd: error reading '/proc/vmcore': Input/output error", "EIO")]
    [InlineData("cat: /proc/vmcore: No such device or address", "ENXIO")]
    public void The_error_number_decides_and_no_newer_program_is_advised(string words, string why)
    {
        Finding finding = Assert.Single(Explained.Findings("vmcore-unreadable", Explained.CaptureBoot + words +
            "\nkdump: saving vmcore failed\n"));
        Assert.Contains(why, finding.Why, StringComparison.Ordinal);
        Assert.DoesNotContain(finding.Fixes, f => f.Text.Contains("makedumpfile that supports", StringComparison.Ordinal));
        Assert.NotEmpty(finding.Fixes);
    }

    [Fact]
    public void The_place_is_told_where_a_line_has_it()
    {
        Assert.Contains("physical address 0x108c90000", Assert.Single(Explained.Findings("vmcore-unreadable",
            "read_from_vmcore: Can't read the dump memory(/proc/vmcore). Bad address\nreadmem: type_addr: 1, addr:108c90000, size:4096\n" +
            "makedumpfile Failed.\n")).Title, StringComparison.Ordinal);
        Assert.Contains("at 0x0000000000040000", Assert.Single(Explained.Findings("vmcore-unreadable",
            "ioremap on RAM at 0x0000000000040000 - 0x0000000000040fff\ncp: error reading '/proc/vmcore': Cannot allocate memory\n")).Title,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_that_goes_over_from_mapping_to_reading_says_nothing_of_it()
    {
        Assert.Empty(Explained.Findings("vmcore-unreadable", Explained.CaptureBoot +
            "Can't map [7fff0000-7fff1000] with mmap()\nThis kernel might have some problems about mmap().\n" +
            "read() will be used instead of mmap() from now.\nkdump: saving vmcore complete\n"));
    }
}
