using Kdump.Diagnosis.Evidence.Dumps;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Rules.Crashes;

namespace Kdump.Tests.Rules;

public sealed class LockNotReleasedTests
{
    private static readonly LockNotReleased Rule = new();
    private static readonly DumpTask Cook = new(7, "cook");

    [Fact]
    public void The_owner_that_the_lock_names_is_named_with_where_it_was_and_who_waits_longest()
    {
        Finding finding = Assert.Single(DumpFacts.Findings(Rule, DumpFacts.Of(
            DumpFacts.Waiter(8, "waiter", 130, "mutex stove", Cook), DumpFacts.Waiter(9, "guest", 150, "mutex stove", Cook))));
        Assert.Equal("cook (7) holds the mutex stove for which guest (9) has waited 150 s", finding.Title);
        Assert.Contains("msleep (IN)", finding.Why, StringComparison.Ordinal);
        Assert.Equal(2, finding.Evidence.Count);
    }

    [Fact]
    public void A_short_wait_is_a_lock_at_work()
    {
        Assert.Empty(Verdict.From(DumpFacts.Of(DumpFacts.Waiter(8, "waiter", 119, "mutex stove", Cook)), [Rule]).Findings);
    }

    [Fact]
    public void Two_that_wait_for_each_other_are_a_deadlock()
    {
        List<Finding> findings = DumpFacts.Findings(Rule, DumpFacts.Of(
            DumpFacts.Waiter(8, "waiter", 130, "mutex stove", Cook),
                DumpFacts.Waiter(7, "cook", 140, "mutex sink", new DumpTask(8, "waiter"))));
        Assert.All(findings, f => Assert.StartsWith("deadlock: ", f.Title, StringComparison.Ordinal));
        Assert.Contains(findings, f => f.Title == "deadlock: waiter (8) waits for cook (7), cook (7) waits for waiter (8)");
    }

    [Fact]
    public void Readers_and_an_owner_that_is_no_task_leave_it_unknown()
    {
        Verdict verdict = Verdict.From(
            DumpFacts.Of(DumpFacts.Waiter(8, "waiter", 130, "rw_semaphore menu", Cook, readers: true),
            DumpFacts.Waiter(9, "guest", 130, "mutex door", null)), [Rule]);
        Assert.Empty(verdict.Findings);
        Assert.Equal(2, verdict.Unknowns.Count);
    }

    [Fact]
    public void A_circle_that_memory_proves_is_a_deadlock_however_short_it_lasted()
    {
        string[] links = ["a (1) waits for the mutex x of b (2)", "b (2) waits for the mutex y of a (1)"];
        Facts facts = DumpFacts.Of(new DumpDeadlock(new Source(DumpFacts.Path, string.Join(", ", links)), links, [1, 2]),
            DumpFacts.Waiter(1, "a", 500, "mutex x", new DumpTask(2, "b")), DumpFacts.Waiter(2, "b", 500, "mutex y", new DumpTask(1, "a")));
        Finding finding = Assert.Single(DumpFacts.Findings(new LockNotReleased(), facts));
        Assert.Equal("deadlock: " + string.Join(", ", links), finding.Title);
    }

    [Fact]
    public void A_lock_that_keeps_no_owner_is_not_said_to_name_none()
    {
        Facts facts = DumpFacts.Of(DumpFacts.Waiter(1, "a", 500, "semaphore x", null) with { OwnerKept = false });
        Unknown unknown = Assert.Single(Verdict.From(facts, [new LockNotReleased()]).Unknowns);
        Assert.Contains("do not record their owner", unknown.Question, StringComparison.Ordinal);
    }
}
