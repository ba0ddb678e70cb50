using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

/// <summary>An initramfs that was given no root at all prints its messages with nothing where a device should stand.</summary>
public sealed class RootNotNamedTests
{
    [Theory]
    [InlineData("ERROR: device '' not found. Skipping fsck.", ":: mounting '' on real root",
        "mount: /new_root: wrong fs type, bad option, bad superblock on , missing codepage or helper program, or other error.")]
    [InlineData("Error: device '' not found. Skipping fsck.", "ERROR: Failed to mount '' on real root",
        "You are now being dropped into an emergency shell.")]
    [InlineData("ALERT!  does not exist.  Dropping to a shell!", "BusyBox v1.30.1 (Debian 1:1.30.1-6+b3) built-in shell (ash)")]
    [InlineData("dracut: FATAL: No or empty root= argument", "dracut: Refusing to continue")]
    [InlineData("mount: mounting  on /root failed: Invalid argument", "ALERT!  does not exist.  Dropping to a shell!")]
    [InlineData("No root device specified. Boot arguments must include a root= parameter.",
        "ALERT!  does not exist.  Dropping to a shell!")]
    public void It_is_the_empty_root_and_no_file_system(params string[] lines)
    {
        Verdict verdict = Explained.Verdict(string.Join('\n', lines) + "\n");
        Finding found = Assert.Single(verdict.Findings, f => f.Id == "root-not-found");
        Assert.Contains("no root= names it", found.Title, StringComparison.Ordinal);
        Assert.DoesNotContain(verdict.Findings, f => f.Title.Contains("wrong fs type", StringComparison.Ordinal));
    }

    [Fact]
    public void A_device_that_is_named_was_asked_for()
    {
        Verdict verdict = Explained.Verdict("ERROR: device '/dev/sda2' not found. Skipping fsck.\n" +
            "mount: /new_root: wrong fs type, bad option, bad superblock on /dev/sda2, missing codepage or helper program\n" +
            "ERROR: Failed to mount '/dev/sda2' on real root\n");
        Assert.DoesNotContain(verdict.Findings, f => f.Title.Contains("no root=", StringComparison.Ordinal));
        Assert.Contains(verdict.Findings, f => f.Title.Contains("/dev/sda2", StringComparison.Ordinal));
    }
}
