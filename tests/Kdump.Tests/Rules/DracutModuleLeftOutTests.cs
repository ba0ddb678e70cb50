using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class DracutModuleLeftOutTests
{
    [Fact]
    public void The_module_that_is_the_reason_is_named_and_what_depends_on_it()
    {
        Finding finding = Assert.Single(Explained.Findings("dracut-module-left-out",
            "dracut[E]: Module 'iscsi' depends on module 'network', which can't be installed\n" +
            "dracut[E]: Module 'nfs' depends on module 'network', which can't be installed\n"));
        Assert.Contains("module network", finding.Title, StringComparison.Ordinal);
        Assert.Contains("iscsi, nfs", finding.Title, StringComparison.Ordinal);
        Assert.Contains("NetworkManager", finding.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Modules_that_nobody_asked_for_are_nothing() => Assert.Empty(Explained.Findings("dracut-module-left-out",
        "dracut[I]: Module 'connman' will not be installed, because command 'connmand' could not be found!\n" +
        "dracut[I]: 62bluetooth: Could not find any command of '/usr/libexec/bluetooth/bluetoothd'!\n"));
}
