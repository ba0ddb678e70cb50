using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Evidence;

/// <summary>arm64's kernel prints one line before its banner: it is of the same boot.</summary>
public sealed class ArmBeginsTests
{
    private const string First = "Booting Linux on physical CPU 0x0000000000 [0x481fd010]",
        Banner = "Linux version 6.1.0 (x@y) (gcc) #1 SMP";

    [Fact]
    public void A_log_that_begins_with_it_has_one_boot() =>
        Assert.Equal([(0, "6.1.0")], Boots($"[    0.000000] {First}\n[    0.000000] {Banner}\n[    1.0] random: crng init done\n"));

    [Fact]
    public void It_ends_the_boot_before_also_where_no_line_has_the_kernels_clock() =>
        Assert.Equal([(0, null), (1, "6.1.0")], Boots("May 13 15:05:20 h kernel: random: crng init done\n" +
            $"May  5 18:18:46 h kernel: {First}\nMay  5 18:18:46 h kernel: {Banner}\n"));

    private static IEnumerable<(int, string?)> Boots(string text) =>
        Explained.Facts(text).Boots.Select(b => (b.Index, b.Release));
}
