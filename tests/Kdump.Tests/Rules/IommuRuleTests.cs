using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class IommuFaultTests
{
    [Fact]
    public void A_fault_before_any_driver_is_firmwares()
    {
        Finding f = Assert.Single(Explained.Findings("iommu-fault",
            "[    0.938401] DMAR: [DMA Read NO_PASID] Request device [0x00:0x02.0] fault addr 0x70ad5000 [fault reason 0x07] Next page " +
            "table ptr is invalid\n"));
        Assert.Contains("missing RMRR", f.Why);
    }

    [Fact]
    public void A_fault_in_the_capture_kernel_is_DMA_left_running()
    {
        Finding f = Assert.Single(Explained.Findings("iommu-fault",
            Explained.CaptureBoot + "[    2.900000] DMAR: [DMA Write NO_PASID] Request device [41:00.0] fault addr 0xfffa1000 [fault " +
            "reason 0x05] PTE Write access is not set\n"));
        Assert.Contains("in-flight", f.Why);
        Assert.Equal(Severity.Warning, f.Severity);
    }

    [Fact]
    public void An_IOMMU_that_only_starts_is_no_fault() =>
        Assert.Empty(Explained.Findings("iommu-fault",
            "[    0.100000] DMAR: DRHD base: 0x000000fed90000 flags: 0x0\n[    0.200000] DMAR-IR: Enabled IRQ remapping in x2apic mode\n"));
}

public sealed class AcsMissingTests
{
    [Fact]
    public void Functions_of_one_slot_in_one_group_lack_isolation()
    {
        Finding f = Assert.Single(Explained.Findings("acs-missing",
            "[    1.101010] pci 0000:31:00.0: Adding to iommu group 57\n[    1.101030] pci 0000:31:00.1: Adding to iommu group 57\n"));
        Assert.Contains("group 57 shared by 31:00.0 and 31:00.1", f.Title);
    }

    [Fact]
    public void Functions_in_groups_of_their_own_are_isolated() =>
        Assert.Empty(Explained.Findings("acs-missing",
            "[    1.101010] pci 0000:31:00.0: Adding to iommu group 57\n[    1.101030] pci 0000:31:00.1: Adding to iommu group 58\n"));
}

public sealed class IommuGroupFailedTests
{
    [Fact]
    public void A_domain_that_cannot_be_had_makes_every_later_probe_fail()
    {
        Finding f = Assert.Single(Explained.Findings("iommu-group-failed",
            "[   19.700000] pci 0000:02:00.0: DMAR: Failed to get a private domain.\n[   37.536789] mlx5_core: probe of 0000:31:00.0 " +
            "failed with error -12\n"));
        Assert.Equal(0.95, f.Confidence);
        Assert.Contains("-12 (ENOMEM)", f.Why);
    }

    [Fact]
    public void A_device_that_has_a_group_does_not_fail_for_the_lack_of_one() => Assert.Empty(Explained.Findings("iommu-group-failed", """
        [   19.665858] iommu: Adding device 0000:31:00.0 to group 17
        [   37.536789] mlx5_core: probe of 0000:31:00.0 failed with error -12
        """));

    [Fact]
    public void A_quoted_source_line_is_no_log_line() =>
        Assert.Empty(Explained.Findings("iommu-group-failed",
            "        dev_warn(dev, \"Failed to get a private domain.\\n\");\n[   37.536789] mlx5_core: probe of 0000:31:00.0 failed with " +
            "error -12\n"));
}

public sealed class IommuEnabledByDefaultTests
{
    private const string Known = "04:00.0 Ethernet controller [0200]: Mellanox Technologies MT27500 Family [ConnectX-3] [15b3:1003]\n";

    [Fact]
    public void The_default_with_a_known_device_and_its_faults_is_the_cause()
    {
        Finding f = Assert.Single(Explained.Findings("iommu-enabled-by-default",
            Known + "CONFIG_INTEL_IOMMU_DEFAULT_ON=y\n[    5.100000] DMAR: [DMA Write NO_PASID] Request device [04:00.0] fault addr " +
                "0x80edd1000 [fault reason 0x05] PTE Write access is not set\n"));
        Assert.Contains(f.Fixes, x => x.Text.Contains("intel_iommu=off", StringComparison.Ordinal) && x.Risk is not null);
        Assert.True(f.Confidence >= 0.7);
    }

    [Fact]
    public void The_default_alone_is_no_finding() =>
        Assert.Empty(Explained.Findings("iommu-enabled-by-default", "CONFIG_INTEL_IOMMU_DEFAULT_ON=y\n"));

    [Fact]
    public void A_kernel_that_runs_with_the_IOMMU_off_is_not_harmed_by_its_default() =>
        Assert.Empty(Explained.Findings("iommu-enabled-by-default",
        "[    0.000000] Kernel command line: root=/dev/sda1 intel_iommu=off\n" + Known +
            "CONFIG_INTEL_IOMMU_DEFAULT_ON=y\nKernel panic\n"));

    private const string ProbeCrash = """
        [    0.000000] Kernel command line: root=/dev/sda1 ro
        [    5.100000] BUG: unable to handle page fault for address: ffffb0c0c0de0000
        [    5.100001] #PF: supervisor read access in kernel mode
        [    5.100002] Oops: 0000 [#1] PREEMPT SMP PTI
        [    5.100003] CPU: 3 PID: 311 Comm: systemd-udevd Not tainted 6.8.12-1-generic #1
        [    5.100004] RIP: 0010:mpt3sas_base_attach+0x1f/0x900 [mpt3sas]
        [    5.100005] Call Trace:
        [    5.100006]  <TASK>
        [    5.100007]  _scsih_probe+0x5b0/0x790 [mpt3sas]
        [    5.100008]  local_pci_probe+0x44/0xb0
        [    5.100009]  pci_call_probe+0x55/0x1a0
        [    5.100010]  pci_device_probe+0x84/0x120
        [    5.100011]  really_probe+0x1cc/0x430
        [    5.100012]  </TASK>
        [    5.100013] Kernel panic - not syncing: Fatal exception

        """;

    [Fact]
    public void A_driver_that_crashes_in_its_probe_once_the_default_changed_is_named_whoever_it_is()
    {
        Finding f = Assert.Single(Explained.Findings("iommu-enabled-by-default",
            ProbeCrash + "# CONFIG_INTEL_IOMMU_DEFAULT_ON is not set\nCONFIG_INTEL_IOMMU_DEFAULT_ON=y\n"));
        Assert.Contains("and mpt3sas fails with it", f.Title, StringComparison.Ordinal);
        Assert.Contains(f.Evidence, e => e.Text.Contains("unable to handle page fault", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_anything_that_ties_the_crash_to_the_IOMMU_it_stays_open()
    {
        Verdict v = Explained.Verdict(ProbeCrash + "CONFIG_INTEL_IOMMU_DEFAULT_ON=y\n");
        Assert.DoesNotContain(v.Findings, f => f.Id == "iommu-enabled-by-default");
        Assert.Contains(v.Unknowns, u => u.Question.Contains("mpt3sas's probe", StringComparison.Ordinal));
    }

    [Fact]
    public void What_the_command_line_asks_for_is_no_default() => Assert.Empty(Explained.Findings("iommu-enabled-by-default",
        ProbeCrash.Replace("root=/dev/sda1", "root=/dev/sda1 intel_iommu=on", StringComparison.Ordinal) +
            "# CONFIG_INTEL_IOMMU_DEFAULT_ON is not set\nCONFIG_INTEL_IOMMU_DEFAULT_ON=y\n"));
}
