using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class KexecLoadRejectedTests
{
    [Fact]
    public void Lockdown_is_told_from_a_missing_key()
    {
        Finding locked = Assert.Single(
            Explained.Findings("kexec-load-rejected",
            "[  20.000000] Lockdown: kexec: kexec of unsigned images is restricted; see man kernel_lockdown.7\nkexec_load failed: " +
            "Operation not permitted\n"));
        Assert.Contains("locked down", locked.Why, StringComparison.Ordinal);
        Finding key = Assert.Single(Explained.Findings("kexec-load-rejected", "kexec_file_load failed: Required key not available\n"));
        Assert.Contains("not signed", key.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void The_newer_call_that_is_refused_is_not_recommended()
    {
        Finding hardened = Assert.Single(
            Explained.Findings("kexec-load-rejected",
            "Mar 11 16:14:29 web kdumpctl[2050]: kexec_file_load failed: Operation not permitted\n"));
        Assert.Contains("kexec_load_disabled", hardened.Why, StringComparison.Ordinal);
        Assert.DoesNotContain(hardened.Fixes, f => f.Text.Contains("-s", StringComparison.Ordinal));
        Assert.Contains(Assert.Single(Explained.Findings("kexec-load-rejected", "kexec_load failed: Operation not permitted\n")).Fixes,
            f => f.Text.Contains("KEXEC_ARGS=\"-s\"", StringComparison.Ordinal));
    }

    [Fact]
    public void A_refusal_without_reserved_memory_is_explained_by_that()
    {
        Verdict verdict = Explained.Verdict(
            Explained.FirstBoot + "Memory for crashkernel is not reserved\nkexec_load failed: Cannot assign requested address\n");
        Assert.Equal("crashkernel-not-reserved", Assert.Single(verdict.RootCauses).Id);
    }

    [Fact]
    public void Talk_of_kexec_is_no_refusal()
    {
        Assert.Empty(Explained.Findings("kexec-load-rejected",
            "[    5.000000] kexec_core: Starting new kernel\nkdumpctl: kexec: loaded kdump kernel\n"));
    }

    [Theory]
    [InlineData("kexec_file_load failed: Key was rejected by service", "trusts")]
    [InlineData("kexec_file_load failed: Bad message", "EBADMSG")]
    [InlineData("kexec_load failed: Device or resource busy", "EBUSY")]
    [InlineData("kexec_file_load failed: Exec format error", "ENOEXEC")]
    [InlineData("kexec_file_load failed: No such process", "FDT_ERR_NOSPACE")]
    [InlineData("kexec_load failed: Function not implemented", "lacks the system call")]
    [InlineData("kexec_load failed: Cannot allocate memory", "not about the size of crashkernel=")]
    [InlineData("kexec_file_load failed: Permission denied", "IMA")]
    [InlineData("kexec_load failed: Some new error", "Some new error")]
    public void The_error_number_decides(string line, string why)
    {
        Finding finding = Assert.Single(Explained.Findings("kexec-load-rejected", $"kdumpctl[2050]: {line}\n" +
            "kdumpctl[981]: kdump: kexec: failed to load kdump kernel\n"));
        Assert.Contains(why, finding.Why, StringComparison.Ordinal);
        Assert.NotEmpty(finding.Fixes);
    }

    [Theory]
    [InlineData("Cannot determine the file type of /boot/vmlinuz-6.9.7-200.fc40.aarch64", "format")]
    [InlineData("pez_arm64_probe: Bad arm64 image header.", "zboot")]
    [InlineData("sed: -e expression #1, char 14: unknown command: `/'", "script")]
    [InlineData("/usr/bin/kdumpctl: line 612: foo: command not found", "script")]
    [InlineData("kexec_image: Unknown rela relocation: 19", "19")]
    public void What_the_programs_say_beside_it_is_the_reason(string line, string why)
    {
        Finding finding = Assert.Single(Explained.Findings("kexec-load-rejected",
            $"kdumpctl[940]: {line}\nkdumpctl[940]: kdump: kexec: failed to load kdump kernel\n"));
        Assert.Contains(why, finding.Why, StringComparison.Ordinal);
        Assert.NotEmpty(finding.Fixes);
    }

    [Fact]
    public void Pieces_are_compared_with_each_other_and_with_the_reservation()
    {
        const string refused = "kexec_load failed: Cannot assign requested address\nsegment[0].mem   = 0x200000\n" +
            "segment[1].mem   = 0xb0040000\nsegment[2].mem   = 0xb21cc000\n";
        Finding alone = Assert.Single(Explained.Findings("kexec-load-rejected", refused));
        Assert.Contains("0x200000, outside the reservation", alone.Why, StringComparison.Ordinal);
        Assert.DoesNotContain(alone.Fixes, f => f.Text.Contains("raise crashkernel=", StringComparison.Ordinal));
        Assert.Contains("(0xb0000000 - 0xefffffff)", Assert.Single(Explained.Findings("kexec-load-rejected",
            refused + "  b0000000-efffffff : Crash kernel\n")).Why, StringComparison.Ordinal);
        Assert.Contains("or nothing is reserved", Assert.Single(Explained.Findings("kexec-load-rejected",
            "kexec_load failed: Cannot assign requested address\n")).Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_small_piece_without_room_is_no_matter_of_the_amount()
    {
        Finding small = Assert.Single(Explained.Findings("kexec-load-rejected",
            "[    0.000000] crashkernel: reserved 0x00000000d7400000 - 0x00000000f7400000 (512 MB)\n# kexec -clp vmlinux\n" +
            "Could not find a free area of memory of 0x2000 bytes...\nlocate_hole failed\n"));
        Assert.Contains("8 KiB, although 512 MiB are reserved", small.Why, StringComparison.Ordinal);
        Assert.Contains("do not fit", Assert.Single(Explained.Findings("kexec-load-rejected",
            "Could not find a free area of memory of 0x7200000 bytes...\nlocate_hole failed\n")).Why, StringComparison.Ordinal);
    }

    [Fact]
    public void An_ordinary_kexec_has_nothing_to_do_with_crashkernel()
    {
        Finding finding = Assert.Single(Explained.Findings("kexec-load-rejected",
            "# kexec -l xen.gz --command-line=x\nCould not find a free area of memory of 0x3b6001 bytes...\n"));
        Assert.Equal("kexec could not load the kernel", finding.Title);
        Assert.DoesNotContain("no dump", finding.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_call_that_this_kernel_lacks_is_not_advised()
    {
        Finding finding = Assert.Single(Explained.Findings("kexec-load-rejected",
            "kexec_load failed: Operation not permitted\n# CONFIG_KEXEC_FILE is not set\n"));
        Assert.Contains("kexec_load_disabled", finding.Why, StringComparison.Ordinal);
        Assert.DoesNotContain(finding.Fixes, f => f.Text.Contains("\"-s\"", StringComparison.Ordinal));
    }

    [Fact]
    public void A_fallback_to_the_old_call_is_no_refusal() =>
        Assert.Empty(Explained.Findings("kexec-load-rejected",
            "syscall kexec_file_load not available.\nkexec_core: Starting new kernel\n"));

    [Theory]
    [InlineData("kexec_file_load failed: Cannot assign requested address")]
    [InlineData("kexec_file_load failed: Address not available")]
    public void The_words_of_musl_mean_what_those_of_glibc_mean(string line) =>
        Assert.Contains("the kernel itself looks for the places", Assert.Single(Explained.Findings("kexec-load-rejected", line + "\n")).Why,
            StringComparison.Ordinal);
}
