using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Rules;

namespace Kdump.Tests.Rules;

public sealed class DriverMissingInImageTests
{
    [Fact]
    public void A_virtio_disk_without_driver_or_module_is_found_with_the_modules_name()
    {
        Finding finding = Assert.Single(Judge(ProbeFacts.Machine(driver: "virtio-pci", blockDriver: "", modules: "")));
        Assert.Equal("driver-missing-in-image:virtio0", finding.Key);
        Assert.Contains(finding.Fixes, f => f.Text.Contains("virtio_blk", StringComparison.Ordinal));
    }

    [Fact]
    public void A_disk_whose_module_is_in_the_image_failed_for_another_reason()
    {
        Assert.Empty(Judge(ProbeFacts.Machine(driver: "virtio-pci", blockDriver: "", modules: "virtio_blk")));
    }

    [Fact]
    public void A_controller_that_the_image_leaves_out_is_nobodys_fault_while_a_disk_explains_more()
    {
        Facts facts = ProbeFacts.Machine(driver: "virtio-pci", blockDriver: "", modules: "virtio_blk");
        ProbeFacts.AddAhciWithoutDriver(facts);
        Assert.Empty(Judge(facts));
    }

    [Fact]
    public void Nothing_is_missing_while_the_target_is_there()
    {
        Assert.Empty(Judge(ProbeFacts.Machine(driver: "virtio-pci", blockDriver: "", modules: "", targetThere: true)));
    }

    private static List<Finding> Judge(Facts facts) =>
        Verdict.From(facts, RuleBook.All).Findings.Where(f => f.Id == "driver-missing-in-image").ToList();

    [Theory]
    [InlineData("", true)]
    [InlineData("\tKernel driver in use: megaraid_sas\n", false)]
    public void A_listing_in_the_crash_kernels_shell_shows_what_has_no_driver(string driver, bool told)
    {
        string log = "[    0.000000] Linux version 5.14.0-427.el9.x86_64 (mockbuild@x) (gcc) #1 SMP\n" +
            "[    0.000000] Command line: BOOT_IMAGE=/vmlinuz root=/dev/sda2 nr_cpus=1 elfcorehdr=0x55000000\nkdump:/# lspci -k\n" +
            "02:00.0 RAID bus controller: Broadcom / LSI MegaRAID SAS-3 3108 [Invader] (rev 02)\n\tSubsystem: Dell PERC H730P Mini\n" +
            $"{driver}\tKernel modules: megaraid_sas\n";
        Finding? found = Explained.Findings("driver-missing-in-image", log).SingleOrDefault();
        Assert.Equal(told, found is not null);
        Assert.True(!told || found!.Why.Contains("megaraid_sas", StringComparison.Ordinal));
    }
}
