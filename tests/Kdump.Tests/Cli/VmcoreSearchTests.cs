using Kdump.Formats.Dumps;
using Kdump.Kernel;
using Kdump.Tests.Builders;

namespace Kdump.Tests.Cli;

/// <summary>A search that could not look everywhere has no complete answer: pages that are excluded, absent or damaged.</summary>
public sealed class VmcoreSearchTests(AllViewsDump core) : IClassFixture<AllViewsDump>
{
    [Theory]
    [InlineData(PageState.Excluded, "2 excluded from it")]
    [InlineData(PageState.Damaged, "2 damaged")]
    public void Pages_that_are_passed_over_are_counted_and_the_exit_code_is_1(PageState state, string told)
    {
        ulong[] lost = [.. Ends()];
        using Vmcore vmcore = Vmcore.Open(new LackingDump(core.Dump, frame => lost.Contains(frame) ? state : null));
        AllViewsDump.Answer answer = AllViewsDump.Ask(vmcore, "search -c no_text_like_this");
        Assert.Equal(1, answer.Code);
        Assert.StartsWith("0 places\nnot searched, because the dump does not have them: 2 pages\n", answer.Output,
            StringComparison.Ordinal);
        Assert.Contains(told, answer.Error, StringComparison.Ordinal);
        Assert.EndsWith("places may be missing\n", answer.Error, StringComparison.Ordinal);
        answer = AllViewsDump.Ask(vmcore, "search -c no_text_like_this --json");
        Assert.Equal(1, answer.Code);
        Assert.Contains("\"pagesNotSearched\": 2", answer.Output, StringComparison.Ordinal);
        Assert.Contains("\"unread\"", answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_search_of_every_page_is_complete()
    {
        using Vmcore vmcore = Vmcore.Open(new LackingDump(core.Dump, _ => null));
        Assert.Equal((0, "0 places\n", ""), AllViewsDump.Ask(vmcore, "search -c no_text_like_this") is var a ? (a.Code, a.Output, a.Error)
            : default);
    }

    [Theory]
    [InlineData("read init_task 64")]
    [InlineData("read -8 init_task 64")]
    [InlineData("read -a init_task.comm")]
    [InlineData("read init_task 64 --json")]
    [InlineData("read -a init_task.comm --json")]
    public void Memory_that_was_asked_for_and_is_not_there_is_no_complete_answer(string line)
    {
        using Vmcore whole = Vmcore.Open(new LackingDump(core.Dump, _ => null));
        Assert.Equal(0, AllViewsDump.Ask(whole, line).Code);
        _ = whole.Memory.Translate(whole.Symbol("init_task"), out Kdump.Formats.Bytes.PhysicalAddress at);
        ulong first = at.Value / (ulong)core.Dump.PageSize;
        using Vmcore vmcore = Vmcore.Open(new LackingDump(core.Dump,
            frame => frame >= first && frame < first + 3 ? PageState.Excluded : null));
        AllViewsDump.Answer answer = AllViewsDump.Ask(vmcore, line);
        Assert.Equal(1, answer.Code);
        Assert.Contains("excluded from it", answer.Error, StringComparison.Ordinal);
    }

    /// <summary>Two frames that nothing but a search of everything looks at: the last two of the dump.</summary>
    private IEnumerable<ulong> Ends()
    {
        List<ulong> all = [];
        for (Kdump.Formats.Bytes.Pfn pfn = new(0); core.Dump.NextRun(pfn) is { } run; pfn = run.End)
            for (ulong frame = run.First.Value; frame < run.End.Value; frame++)
                all.Add(frame);
        return all.TakeLast(2);
    }
}
