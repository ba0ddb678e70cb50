using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

/// <summary>One refusal of the kernel in the words of those who asked.</summary>
public sealed class KexecSpeakersTests
{
    [Theory]
    [InlineData("kexec syscall failed: Operation not permitted", "kexec_file_load")]
    [InlineData("kexec_file_load() failed for /boot/linux: Key was rejected by service", "signature")]
    [InlineData(": SYS_kexec_file_load(11, 0, root=/dev/sda1, 4) = exec format error", "format")]
    [InlineData("kexec_file_load: invalid argument", "half of the machine's memory")]
    [InlineData("kexec_file_load failed: No data available", "not signed")]
    [InlineData("Cannot determine the file type of /boot/EFI/Linux/nixos.efi", "UKI")]
    [InlineData("kexec: unrecognized option '--reset-vga'", "--reset-vga")]
    [InlineData("/sbin/kexec: invalid option -- 'q'", "-q")]
    public void It_has_the_same_reason(string line, string why)
    {
        Finding finding = Assert.Single(Explained.Findings("kexec-load-rejected", line + "\n"));
        Assert.Contains(why, finding.Why, StringComparison.Ordinal);
        Assert.NotEmpty(finding.Fixes);
    }

    [Theory]
    [InlineData("kexec syscall failed: Operation not permitted")]
    [InlineData("~# kexec --load /root/bzImage --initrd=/root/initrd\nkexec_load failed: Invalid argument")]
    public void Who_starts_another_kernel_at_once_hears_nothing_of_a_crash_kernel(string lines)
    {
        Finding finding = Assert.Single(Explained.Findings("kexec-load-rejected", lines + "\n"));
        Assert.DoesNotContain("crash", finding.Title + finding.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_settings_file_that_is_no_shell_is_named() => Assert.Contains("/etc/default/kdump-tools", Assert.Single(Explained.Findings(
        "kdump-check-failed", "kdump-tools[1]: /etc/init.d/kdump-tools: 117: /etc/default/kdump-tools: " +
        "KDUMP_CMDLINE_APPEND+= panic=10: not found\n"))
        .Title, StringComparison.Ordinal);

    [Fact]
    public void A_reservation_below_the_estimate_is_told() => Assert.Contains("528", Assert.Single(Explained.Findings(
        "crashkernel-below-estimate", "WARNING: Current crashkernel size is lower than recommended size 528M.\n")).Title,
        StringComparison.Ordinal);

    [Fact]
    public void Makedumpfile_that_counts_other_address_bits_than_the_notes_is_too_old()
    {
        Finding finding = Assert.Single(Explained.Findings("makedumpfile-failed",
            "makedumpfile 1.6.6\n  NUMBER(VA_BITS)=48\nva_bits      : 47\nkdump: saving vmcore failed\n"));
        Assert.Contains("47", finding.Why, StringComparison.Ordinal);
        Assert.Empty(Explained.Findings("makedumpfile-failed",
            "makedumpfile 1.6.8\n  NUMBER(VA_BITS)=48\nva_bits      : 48 (vmcoreinfo)\n"));
    }

    [Fact]
    public void Crash_on_the_running_kernel_is_not_told_of_a_dump() => Assert.DoesNotContain("dump does not hold", Assert.Single(
        Explained.Findings("crash-cannot-open-dump", "get_live_memory_source: /dev/mem\n" +
        "crash: seek error: kernel virtual address: ffffffff824a7c30 type: \"page_offset_base\"\n")).Why, StringComparison.Ordinal);
}
