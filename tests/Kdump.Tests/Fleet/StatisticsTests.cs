using Kdump.Fleet.Statistics;

namespace Kdump.Tests.Fleet;

public sealed class StatisticsTests
{
    /// <summary>Values of scipy.stats.fisher_exact and of R's fisher.test.</summary>
    [Theory]
    [InlineData(8, 2, 1, 5, 0.02447552447552448, 0.03496503496503497)]
    [InlineData(3, 1, 1, 3, 0.24285714285714285, 0.4857142857142857)]
    [InlineData(0, 5, 5, 0, 1.0, 0.007936507936507936)]
    [InlineData(10, 0, 0, 10, 5.412544112234515e-06, 1.082508822446903e-05)]
    [InlineData(0, 0, 0, 0, 1.0, 1.0)]
    public void Fishers_test_gives_what_other_programs_give(long a, long b, long c, long d, double greater, double both)
    {
        Assert.Equal(greater, FisherTest.Greater(a, b, c, d), 1e-9);
        Assert.Equal(both, FisherTest.TwoSided(a, b, c, d), 1e-9);
    }

    [Fact]
    public void A_fleet_of_a_million_machines_neither_overflows_nor_loses_its_proof()
    {
        double chance = FisherTest.Greater(500, 99_500, 0, 900_000);
        Assert.InRange(chance, 0, 1e-100);
        Assert.InRange(FisherTest.Greater(100_000, 400_000, 100_000, 400_000), 0.49, 0.51);
    }

    [Fact]
    public void One_trait_among_many_that_were_tried_needs_a_smaller_chance()
    {
        // R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "BH")
        Assert.Equal([0.02, 0.04, 0.04, 0.02], FisherTest.Corrected([0.01, 0.04, 0.03, 0.005]).Select(p => Math.Round(p, 12)));
        Assert.Empty(FisherTest.Corrected([]));
    }

    /// <summary>R: prop.test(8, 10, correct = FALSE)$conf.int and for 0 of 10.</summary>
    [Fact]
    public void Wilsons_bounds_hold_for_few_machines()
    {
        var share = Proportion.From(8, 10);
        Assert.Equal((0.4902, 0.9433), (Math.Round(share.Low, 4), Math.Round(share.High, 4)));
        var none = Proportion.From(0, 10);
        Assert.Equal((0, 0.2775), (none.Low, Math.Round(none.High, 4)));
        Assert.Equal((0.0, 1.0), (Proportion.From(0, 0).Low, Proportion.From(0, 0).High));
    }

    /// <summary>Example (a) of Newcombe's paper: 56/70 against 48/80.</summary>
    [Fact]
    public void The_difference_of_two_shares_has_Newcombes_bounds()
    {
        (double low, double high) = Proportion.Difference(Proportion.From(48, 80), Proportion.From(56, 70));
        Assert.Equal((0.0524, 0.3339), (Math.Round(low, 4), Math.Round(high, 4)));
    }

    [Fact]
    public void More_hits_than_machines_are_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => Proportion.From(3, 2));
}
