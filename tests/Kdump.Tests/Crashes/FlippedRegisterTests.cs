using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Crashes.Clues;

namespace Kdump.Tests.Crashes;

/// <summary>A general protection fault without an address, in kernels before 5.5: the only odd register is its address.</summary>
public sealed class FlippedRegisterTests
{
    private static Clue? Flipped(string rcx, string rbx = "0000000000000002") =>
        Report(rcx, rbx).Clues.FirstOrDefault(c => c.Meaning == "flipped-bit");

    private static Crash Report(string rcx, string rbx) => Assert.Single(LogCorpus.Read(string.Concat(new[]
    {
        "general protection fault: 0000 [#1] SMP NOPTI", "RIP: 0010:pan_fry+0x80/0x160", "RSP: 0018:ffffb97468d57b80 EFLAGS: 00010212",
        $"RAX: ffffffff815d0920 RBX: {rbx} RCX: {rcx}", "RDX: ffff8802597ebea0 RSI: 0000000000000001 RDI: 000000005641fe63",
    }.Select((l, i) => $"[  100.{i:000000}] {l}\n"))).Crashes);

    [Theory]
    [InlineData("000855d34b3c7e00", "bit 51", "0x55d34b3c7e00")]
    public void One_bit_makes_an_address_of_it(string value, string bit, string right)
    {
        Clue clue = Flipped(value)!;
        Assert.Contains(bit, clue.Says, StringComparison.Ordinal);
        Assert.Contains(right, clue.Says, StringComparison.Ordinal);
        Assert.Contains(clue.Fixes, f => f.Text.Contains("memtest86+", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ffdf8881d4332414", "bit 53")]
    [InlineData("fffe8881d4332414", "bit 48")]
    public void A_kernel_address_that_lost_one_is_told_as_that(string value, string bit)
    {
        Assert.Null(Flipped(value));
        Assert.Contains(bit, Report(value, "0000000000000002").Access?.Says, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("4000000000010068")]
    [InlineData("0200000000040068")]
    [InlineData("80000001d7b98067")]
    [InlineData("dffffc0000000000")]
    [InlineData("dead000000000100")]
    [InlineData("6b6b6b6b6b6b6b6b")]
    [InlineData("0100000000000003")]
    [InlineData("8000000000000000")]
    [InlineData("7fff8881d4332414")]
    [InlineData("1234567812345678")]
    public void What_registers_hold_by_right_or_by_overwriting_is_no_flipped_bit(string value) => Assert.Null(Flipped(value));

    [Fact]
    public void Of_two_odd_registers_it_is_not_known_which_was_used() =>
        Assert.Null(Flipped("0200000000040068", rbx: "4865612063616b65"));

    private static Crash AtLowAddress(string address, string rbx) => Assert.Single(LogCorpus.Read(string.Concat(new[]
    {
        $"BUG: unable to handle page fault for address: {address}", "#PF: supervisor read access in kernel mode",
        "#PF: error_code(0x0000) - not-present page", "Oops: 0000 [#1] SMP NOPTI", "RIP: 0010:pan_fry+0x80/0x160",
        "RSP: 0018:ffffb97468d57b80 EFLAGS: 00010212", $"RAX: 0000000000040000 RBX: {rbx} RCX: 0000000000000018",
    }.Select((l, i) => $"[  100.{i:000000}] {l}\n"))).Crashes);

    /// <summary>NULL of which one bit flipped passes a check for NULL.</summary>
    [Fact]
    public void A_register_that_is_one_high_bit_below_the_address_may_have_been_null()
    {
        Clue clue = Assert.Single(AtLowAddress("0000000040000040", "0000000040000000").Clues, c => c.Meaning == "flipped-bit");
        Assert.Contains("bit 30", clue.Says, StringComparison.Ordinal);
        Assert.Contains(clue.Fixes, f => f.Text.Contains("memtest86+", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("0000000040000040", "0000000050000000")]
    [InlineData("0000000040002040", "0000000040000000")]
    [InlineData("0000000000040040", "0000000000040000")]
    public void Two_bits_a_distant_address_or_a_low_bit_are_no_such_sign(string address, string rbx) =>
        Assert.DoesNotContain(AtLowAddress(address, rbx).Clues, c => c.Meaning == "flipped-bit");
}
