using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

/// <summary>A kernel that is loaded to be started at once is no crash kernel.</summary>
public sealed class KexecPurposesTests
{
    private const string Refused = "kexec_file_load failed: Key was rejected by service\n";

    [Theory]
    [InlineData("$ sudo /sbin/kexec -a -l /host/boot/vmlinuz --initrd=/host/boot/initrd.img\n")]
    [InlineData("# kexec -s --load bzImage\n")]
    [InlineData("+ /root/kexec/kexec/kexec --load /root/bzImage --kexec-syscall-auto\n")]
    public void A_plain_load_costs_no_dump(string typed)
    {
        Finding finding = Assert.Single(Explained.Findings("kexec-load-rejected", typed + Refused));
        Assert.Equal("kexec could not load the kernel", finding.Title);
        Assert.DoesNotContain("leaves no dump", finding.Why + finding.Impact, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("# kexec -p /boot/vmlinuz --reuse-cmdline\n", Refused)]
    [InlineData("# kexec --load-panic /boot/vmlinuz\n", Refused)]
    [InlineData("", "kdumpctl[81]: " + Refused)]
    [InlineData("current state:    Not ready to kdump\n", Refused)]
    [InlineData("", "kexec_load failed: Cannot assign requested address\n")]
    public void What_speaks_of_a_crash_kernel_does(string beside, string refused)
    {
        Finding finding = Assert.Single(Explained.Findings("kexec-load-rejected", beside + refused));
        Assert.Equal("the crash kernel could not be loaded", finding.Title);
        Assert.Contains("leaves no dump", finding.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_refusal_alone_tells_of_both()
    {
        Finding finding = Assert.Single(Explained.Verdict(Refused).Findings, f => f.Id == "kexec-load-rejected");
        Assert.Equal("kexec could not load the kernel", finding.Title);
        Assert.StartsWith("If this was to be the crash kernel", finding.Impact, StringComparison.Ordinal);
    }

    [Fact]
    public void What_kexec_itself_could_not_open_is_its_refusal() =>
        Assert.Contains("could not open /boot/vmlinuz", Assert.Single(Explained.Findings("kexec-load-rejected",
            "kexec-load[812]: Cannot open `/boot/vmlinuz': No such file or directory\n")).Why, StringComparison.Ordinal);

    [Fact]
    public void The_same_words_of_another_program_are_none() =>
        Assert.Empty(Explained.Findings("kexec-load-rejected", "tool[812]: Cannot open `/etc/x': No such file or directory\n"));
}
