using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

/// <summary>Why btrfs's tree checker refuses a leaf: the reason decides who is to blame.</summary>
public sealed class BtrfsLeafTests
{
    private static Finding Of(string reason) => Explained.Verdict($"""
        [  115.457649] BTRFS critical (device sdg1): corrupt leaf: root=2 block=82730844160 slot=148 {reason}
        """).Findings.First(f => f.Id == "filesystem-damaged");

    [Fact]
    public void A_key_beside_the_hash_is_no_damage_for_certain()
    {
        Finding finding = Of("extent bytenr=17444728877056 len=3149860573819708156 invalid extent data ref hash, item has " +
            "0x2bb68d80d28822fb key has 0x2bb68d80d28822fc");
        Assert.Equal(Severity.Warning, finding.Severity);
        Assert.DoesNotContain("is damaged:", finding.Title, StringComparison.Ordinal);
    }

    [Fact]
    public void A_block_group_that_is_fuller_than_it_can_be_was_miscounted() =>
        Assert.StartsWith("the btrfs on sdg1 counts more used bytes in a block group (1074757632)",
            Of("bg_start=2375147323392 bg_len=1073741824, invalid block group used, have 1074757632 expect [0, 1073741824)").Title,
            StringComparison.Ordinal);
}
