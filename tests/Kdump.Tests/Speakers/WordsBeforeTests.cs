using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Speakers;

/// <summary>A tool that gives up without a reason: what was said in words of failure just before it is its reason.</summary>
public sealed class WordsBeforeTests
{
    [Theory]
    [InlineData("Starting kdump: [FAILED]", "kdump-service-failed")]
    [InlineData("mkdumprd: failed to make kdump initrd", "kdump-image-not-built")]
    [InlineData("kdump: kexec: failed to load kdump kernel", "kexec-load-rejected")]
    public void The_line_before_is_brought_with_what_its_last_words_mean(string end, string id)
    {
        Finding finding = Assert.Single(Explained.Findings(id,
            "install: cannot create directory '/var/lib/kdump': Read-only file system\n" +
            end + "\n"));
        Assert.Contains("cannot create directory", finding.Why, StringComparison.Ordinal);
        Assert.Contains("mounted read-only", finding.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void What_dracut_leaves_out_is_no_reason()
    {
        Finding finding = Assert.Single(Explained.Findings("kdump-image-not-built",
            "dracut: dracut module 'busybox' will not be installed, because command 'busybox' could not be found!\n" +
            "mkdumprd: failed to make kdump initrd\n"));
        Assert.Contains("no line gives the reason", finding.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_start_that_succeeds_needs_none() => Assert.Empty(Explained.Verdict(
        "kdumpctl[812]: kdump: kexec: loaded kdump kernel\nkdumpctl[812]: kdump: Starting kdump: [OK]\n").Findings);
}
