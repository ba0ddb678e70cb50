namespace Kdump.Tests.Crashes;

/// <summary>A function of the library fell and its stack is not in the lines: the modules from outside the kernel are told.</summary>
public sealed class CallerMissingTests
{
    [Theory]
    [InlineData("iounmap", true)]
    [InlineData("__free_irq", true)]
    [InlineData("clk_core_disable", true)]
    [InlineData("pan_stir", false)]
    public void Modules_from_outside_are_told_where_the_caller_is_missing(string function, bool told)
    {
        string why = Assert.Single(Explained.Findings("kernel-warning", "[    1.000000] ------------[ cut here ]------------\n" +
            $"[    1.000001] WARNING: drivers/a.c:460 at {function}+0x34/0x110, CPU#13: cook/1420\n" +
            "[    1.000002] Modules linked in: kitchen(OE) nls_iso8859_1 fat\n")).Why;
        Assert.Equal(told, why.Contains("kitchen", StringComparison.Ordinal));
        Assert.Equal(told, why.Contains("the caller is not in these lines", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Modules linked in: a b kitchen(OE) c", "kitchen")]
    [InlineData("Modules linked in: a b c\nd e nvidia_uvm(POE) nvidia_drm(POE)\nnvidia_modeset(POE) nvidia(POE) f", "were nvidia.")]
    public void A_list_that_goes_on_in_the_next_lines_is_read_whole(string list, string told) => Assert.Contains(told, Assert.Single(
        Explained.Findings("kernel-oops", "general protection fault: 0000 [#1] SMP\n" + list +
            "\nCPU: 0 PID: 571 Comm: jbd2/vda1-8 Tainted: G           OE   4.8.13-100.fc23.x86_64 #1\n")).Why, StringComparison.Ordinal);
}
