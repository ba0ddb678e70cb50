using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class KdumpImageNotBuiltTests
{
    private const string Stopped = "kdumpctl[2105]: kdump: mkdumprd: failed to make kdump initrd\n";

    [Theory]
    [InlineData("kdumpctl[2387]: dracut[E]: Module 'squash-squashfs' cannot be installed.\n" + Stopped, "squash-squashfs", "mksquashfs")]
    [InlineData("dracut: installkernel failed in module squash\n" + Stopped, "module squash", "CONFIG_OVERLAY_FS")]
    [InlineData("dracut[E]: Module 'nfs' cannot be installed.\n" + Stopped, "module nfs", "nfs-utils")]
    [InlineData("dracut[E]: Module 'multipath' cannot be found or installed.\n" + Stopped, "module multipath", "multipathd")]
    [InlineData("kdumpctl[1]: dracut-install: ERROR: installing '/usr/sbin/foo'\n", "/usr/sbin/foo", "is missing")]
    [InlineData("kdump: Error: (builtin) not found.\nkdump: Starting kdump: [FAILED]\n", "image", "extra_modules")]
    [InlineData("dracut[F]: Creation of /boot/initramfs-6.1kdump.img failed: No space left on device\n", "image", "No space left")]
    [InlineData("/boot not writable, not regenerating initrds.\n", "image", "/boot")]
    public void What_is_missing_is_named(string log, string title, string why)
    {
        Finding finding = Assert.Single(Explained.Findings("kdump-image-not-built", log));
        Assert.Contains(title, finding.Title, StringComparison.Ordinal);
        Assert.Contains(why, finding.Why, StringComparison.Ordinal);
        Assert.NotEmpty(finding.Fixes);
        Assert.DoesNotContain(finding.Fixes, f => f.Text.Contains("extra_bins", StringComparison.Ordinal));
    }

    [Fact]
    public void Names_that_were_quoted_together_are_told_to_be_that()
    {
        Assert.Contains("extra_bins", Assert.Single(Explained.Findings("kdump-image-not-built",
            "dracut-install: ERROR: installing '/usr/sbin/ping /usr/sbin/ip'\n")).Fixes[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_glued_from_the_boot_loaders_name_is_an_image_based_system()
    {
        Finding finding = Assert.Single(Explained.Findings("kdump-image-not-built",
            "Aug 20 19:37:21 h kdumpctl[1031]: /boot(hd0,gpt2)/ostree/rhel-5b70 does not have write permission. Can not rebuild " +
                "/boot(hd0,\n"));
        Assert.Contains("/boot(hd0,gpt2)/ostree/rhel-5b70", finding.Title, StringComparison.Ordinal);
        Assert.Contains("BOOT_IMAGE=", finding.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_reason_it_says_how_to_get_one()
    {
        Finding finding = Assert.Single(Explained.Findings("kdump-image-not-built", Stopped));
        Assert.Contains("no line gives the reason", finding.Why, StringComparison.Ordinal);
        Assert.Contains("kdumpctl rebuild", finding.Fixes[0].Command, StringComparison.Ordinal);
    }

    [Fact]
    public void Modules_that_dracut_leaves_out_of_a_build_that_succeeds_are_nothing()
    {
        Assert.Empty(Explained.Findings("kdump-image-not-built",
            "dracut[2458]: Module 'memstrack' will not be installed, because command 'memstrack' could not be found!\n" +
            "dracut[E]: Module 'biosdevname' cannot be installed.\ndracut: *** Creating initramfs image file '/boot/x.img' done ***\n"));
    }
}
