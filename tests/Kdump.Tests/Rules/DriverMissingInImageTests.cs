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
}
