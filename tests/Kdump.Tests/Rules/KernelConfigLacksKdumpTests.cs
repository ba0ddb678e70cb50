using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class KernelConfigLacksKdumpTests
{
    [Fact]
    public void An_option_that_is_not_set_is_found()
    {
        Assert.Equal("kernel-config-lacks-kdump:PROC_VMCORE",
            Assert.Single(Explained.Findings("kernel-config-lacks-kdump", "CONFIG_CRASH_DUMP=y\n# CONFIG_PROC_VMCORE is not set\n")).Key);
    }

    [Fact]
    public void Options_that_are_set_or_not_told_are_fine()
    {
        Assert.Empty(Explained.Findings("kernel-config-lacks-kdump",
            "CONFIG_CRASH_DUMP=y\nCONFIG_PROC_VMCORE=y\n# CONFIG_PROC_VMCORE_DEVICE_DUMP is not set\n# CONFIG_KEXEC_JUMP is not set\n"));
    }
}
