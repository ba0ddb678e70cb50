using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

/// <summary>makedumpfile failed, and the kernel's version has nothing to do with it; or it did not even come to its end.</summary>
public sealed class MakedumpfileUseTests
{
    private const string Id = "makedumpfile-failed", Failed = "\nmakedumpfile Failed.\n";

    [Theory]
    [InlineData("check_elf_format: Can't get valid ehdr.", "no dump")]
    [InlineData("readpage_kdump_compressed: pfn(2fc1000) is excluded from vmcore.", "2fc1000")]
    [InlineData("write_elf_load_segment: Can't convert physaddr(7ffff000) to an offset.", "-E")]
    [InlineData("'-l' option is disabled, because this binary doesn't support lzo compression.", "without lzo")]
    [InlineData("makedumpfile: unrecognized option '--zstd'", "--zstd")]
    [InlineData("makedumpfile: invalid option -- 'z'", "option -z")]
    [InlineData("Commandline parameter is invalid.", "command line")]
    public void What_it_was_given_is_the_reason_and_no_newer_version(string line, string title)
    {
        Finding finding = Assert.Single(Explained.Findings(Id, line + Failed));
        Assert.Contains(title, finding.Title, StringComparison.Ordinal);
        Assert.DoesNotContain("does not know this kernel", finding.Title, StringComparison.Ordinal);
        Assert.NotEmpty(finding.Fixes);
    }

    private const string Saving = "[   10.0] kdump[572]: saving vmcore\n",
        Lost = "[   10.1] kdump.sh[525]: readpage_elf: Attempt to read non-existent page at 0x8f60000.\n" +
            "[   10.2] kdump.sh[525]: check_release: Can't get the address of system_utsname.\n";

    [Fact]
    public void A_log_that_ends_while_it_is_lost_tells_the_same()
    {
        Assert.Contains("does not know this kernel", Assert.Single(Explained.Findings(Id, Saving + Lost)).Title, StringComparison.Ordinal);
        Assert.Empty(Explained.Findings(Id, Saving + Lost + "[   12.0] kdump[580]: saving vmcore complete\n"));
    }

    [Fact]
    public void A_log_buffer_that_it_does_not_know_is_no_failure_of_the_dump()
    {
        Verdict verdict = Explained.Verdict("The kernel version is not supported.\nThe makedumpfile operation may be incomplete.\n" +
            "dump_dmesg: Can't find variable-length record symbols\nmakedumpfile Failed.\n");
        Assert.DoesNotContain(verdict.Findings, f => f.Id == Id);
        Assert.Contains("newer makedumpfile", verdict.Findings.Single(f => f.Id == "dmesg-not-saved").Fixes[0].Text,
            StringComparison.Ordinal);
    }
}
