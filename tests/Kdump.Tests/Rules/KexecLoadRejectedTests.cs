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
}
