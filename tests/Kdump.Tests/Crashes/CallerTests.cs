using Kdump.Diagnosis.Crashes.Clues;

namespace Kdump.Tests.Crashes;

/// <summary>A report that is cut off behind its registers still tells who called, where a register holds the return address.</summary>
public sealed class CallerTests
{
    [Theory]
    [InlineData("pc : percpu_counter_add_batch+0x18/0x138", "lr : dst_release+0x88/0x8c", "dst_release")]
    [InlineData("PC is at stir+0x18/0x40", "LR is at [<c01234ab>] cook_soup+0x88/0x8c [kitchen]", "cook_soup")]
    [InlineData("epc : stir+0x18/0x40", " ra : cook_soup+0x88/0x8c", "cook_soup")]
    [InlineData("NIP [c0000000004a1234] stir+0x18/0x40", "LR [c008000001c82f60] cook_soup+0x88/0x8c", "cook_soup")]
    public void The_caller_is_told(string place, string register, string caller)
    {
        Clue? clue = Read(place, register);
        Assert.Contains($"called from {caller}()", clue?.Says);
        Assert.EndsWith(register.Trim(), clue!.Source.Text);
    }

    [Theory]
    [InlineData("pc : stir+0x18/0x138", "lr : stir+0x10/0x138")]
    [InlineData("pc : stir+0x18/0x138", "lr : 0xffff800010001000")]
    [InlineData("pc : stir+0x18/0x138", "sp : ffff8000803c3ae0")]
    [InlineData("pc : stir+0x18/0x138", "lr : cook_soup+0x88/0x8c", "Call trace:", " stir+0x18/0x138", " kitchen_open+0x1c/0x30")]
    public void A_register_that_names_no_other_function_and_a_stack_need_no_guess(string place, params string[] rest) =>
        Assert.Null(Read(place, rest));

    private static Clue? Read(string place, params string[] rest)
    {
        string log = string.Concat(new[] { "Unable to handle kernel NULL pointer dereference at virtual address 00000000000000a0",
            "Internal error: Oops: 0000000096000004 [#1] SMP", "CPU: 1 PID: 8422 Comm: http Not tainted 6.12.28 #1", place }.Concat(rest)
            .Select((l, i) => $"[ 1684.{i:000000}] {l}\n"));
        return LogCorpus.Read(log).Crashes.SelectMany(c => c.Clues).FirstOrDefault(c => c.Meaning == "called-from");
    }
}
