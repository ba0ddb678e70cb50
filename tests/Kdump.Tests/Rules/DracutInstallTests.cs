using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

/// <summary>dracut-install works for every image: which one it was, is told by the lines around it.</summary>
public sealed class DracutInstallTests
{
    private const string Ordinary = "initramfs-not-built", Kdumps = "kdump-image-not-built",
        Failed = "dracut[9]: FAILED: /usr/lib/dracut/dracut-install -D /var/tmp/dracut.d8AYUDA/initramfs -a date btrfs awk grub2-editenv\n";

    [Fact]
    public void What_it_was_asked_for_is_told_where_no_line_says_which_was_missing()
    {
        Finding finding = Assert.Single(Explained.Findings(Ordinary, Failed));
        Assert.Contains("date, btrfs, awk, grub2-editenv", finding.Title, StringComparison.Ordinal);
        Assert.Empty(Explained.Findings(Kdumps, Failed));
    }

    [Fact]
    public void A_folder_of_modules_that_the_kernel_lacks_is_a_warning()
    {
        Finding finding = Assert.Single(Explained.Findings(Ordinary, "dracut-install: ERROR: installing '=drivers/staging'\n" +
            "dracut: FAILED: /usr/lib/dracut/dracut-install -D /var/tmp/dracut.x/initramfs --kerneldir /lib/modules/4.15.12_1/ -m -s " +
            "drm_crtc_init =drivers/gpu/drm =drivers/staging\n"));
        Assert.Equal(Severity.Warning, finding.Severity);
        Assert.Contains("drivers/staging", finding.Title, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dracut-install: ERROR: installing '/usr/sbin/foo'\n", Ordinary)]
    [InlineData("kdump-tools[967]: dracut-install: ERROR: installing '/usr/sbin/foo'\n", Kdumps)]
    [InlineData("dracut-install: ERROR: installing '/usr/sbin/foo'\nkdump: mkdumprd: failed to make kdump initrd\n", Kdumps)]
    public void Only_words_of_kdump_make_it_the_crash_kernels(string log, string id)
    {
        Verdict verdict = Explained.Verdict(log);
        Assert.Contains(verdict.Findings, f => f.Id == id);
        Assert.DoesNotContain(verdict.Findings, f => f.Id == (id == Kdumps ? Ordinary : Kdumps));
    }
}
