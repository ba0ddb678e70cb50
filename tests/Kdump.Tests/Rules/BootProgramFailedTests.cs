using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class BootProgramFailedTests
{
    [Theory]
    [InlineData("# zipl -V\nUsing config file '/etc/zipl.conf'\nError: Unsupported setup of the boot device\n", "zipl",
        "boot and dump records")]
    [InlineData("[root@t35 ~](0)# zipl\nUsing config file '/etc/zipl.conf'\ndouble free or corruption (out)\nAborted (core dumped)\n",
        "zipl", "double free")]
    [InlineData("$ sudo bootctl install\nFailed to create EFI Boot variable entry: Read-only file system\n", "bootctl", "read-only")]
    [InlineData("+ mkinitcpio -P\n==> Starting build\nSegmentation fault\n", "mkinitcpio", "initramfs may be missing")]
    [InlineData("efibootmgr: could not set BootOrder: Invalid argument\n", "efibootmgr", "does not accept")]
    [InlineData("Sep  1 10:00:00 host dracut[33]: To create an initramfs with fips support, dracut has to run as root\n", "dracut",
        "not root")]
    [InlineData("kernelstub.Drive     : ERROR    Could not get a UUID for the a filesystem. This is a critical error and we cannot " +
        "continue\n", "kernelstub", "known to the boot loader")]
    [InlineData("iscsiadm: Could not perform SendTargets discovery: iSCSI login failed due to authorization failure\n", "iscsiadm",
        "refused the login")]
    [InlineData("Aug 28 16:05:36 host ostree[862]: error: ostree-finalize-staged.service failed on previous boot: Bootloader write " +
        "config: grub2-mkconfig: Child process exited with code 1\n", "ostree", "grub2-mkconfig: Child process exited with code 1")]
    [InlineData("dracut: dracut module 'frob' cannot be found or installed.\n", "dracut", "it is not there")]
    public void Who_failed_and_what_is_lost_is_told_with_its_own_words(string log, string program, string words)
    {
        Finding finding = Assert.Single(Explained.Findings("boot-program-failed", log));
        Assert.Contains(program, finding.Title, StringComparison.Ordinal);
        Assert.Contains(words, finding.Title + finding.Why + finding.Impact, StringComparison.Ordinal);
        Assert.NotEmpty(finding.Fixes);
        Assert.All(finding.Evidence, e => Assert.Contains(e.Text, log, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("# zipl -V\nUsing config file '/etc/zipl.conf'\nDone.\n")]
    [InlineData("$ ./configure\nError: no compiler in your path\n")]
    [InlineData("## zipl error messages\nIf you see Error: something, read on.\n")]
    public void What_is_no_failure_of_such_a_program_is_not_told_as_one(string log) =>
        Assert.Empty(Explained.Findings("boot-program-failed", log));

    [Fact]
    public void A_command_that_the_program_ran_is_not_told_a_second_time()
    {
        Verdict verdict = Explained.Verdict("mknod: /tmp/initramfs/dev/random: Operation not permitted\n" +
            "dracut: Cannot create /dev/random\ndracut: To create an initramfs with fips support, dracut has to run as root\n");
        Assert.Single(verdict.Findings);
        Assert.Empty(verdict.Unknowns);
    }
}
