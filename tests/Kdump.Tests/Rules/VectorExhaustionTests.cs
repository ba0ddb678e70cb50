using System.Text;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Rules;
using Kdump.Sources.Cases;

namespace Kdump.Tests.Rules;

public sealed class VectorExhaustionTests
{
    private const string Failed = "[    8.000000] virtio_blk: probe of virtio0 failed with error -28\n";

    [Fact]
    public void The_case_of_the_field_is_counted_and_planned()
    {
        string folder = Repository.Path("fixtures", "cases", "vector-exhaustion");
        Facts facts = Case.Read(Directory.GetFiles(folder, "*.*").Where(f => !f.Contains("verdict", StringComparison.Ordinal)),
            () => Stream.Null).Facts;
        Verdict verdict = Verdict.From(facts, RuleBook.All);
        Finding root = Assert.Single(verdict.RootCauses);
        Assert.Equal("vector-exhaustion", root.Id);
        Assert.Equal("all interrupt vectors of the only CPU are in use (201 counted)", root.Title);
        Assert.Contains("160 requested", root.Why, StringComparison.Ordinal);
        Assert.Contains("41 more", root.Why, StringComparison.Ordinal);
        Assert.Contains("irq_matrix_alloc(), reached by request_threaded_irq -> ... ->", root.Why, StringComparison.Ordinal);
        Assert.Contains("assign_vector_locked", root.Why, StringComparison.Ordinal);
        Assert.Contains(root.Evidence,
            e => e.Input.EndsWith("trace.txt", StringComparison.Ordinal) && e.Text.Contains("irq_matrix_alloc", StringComparison.Ordinal));
        Assert.Contains("nr_cpus=2", root.Fixes[0].Text, StringComparison.Ordinal);
        Assert.Contains(verdict.Findings, f => f.Key == "driver-probe-failed:virtio0" && f.CausedBy.Contains("vector-exhaustion"));
        Assert.Contains(verdict.Findings, f => f.Key == "driver-probe-failed:0000:ec:00.4" && f.CausedBy.Contains("vector-exhaustion"));
        Assert.Contains(verdict.Findings, f => f.Id == "dump-target-missing" && f.CausedBy.Contains("driver-probe-failed:virtio0"));
    }

    [Fact]
    public void A_full_table_proves_it_without_any_other_word()
    {
        Finding finding = Assert.Single(
            Explained.Findings("vector-exhaustion", Explained.CaptureBoot + Failed + Table(cpus: 1, rows: 201)));
        Assert.True(finding.Confidence > 0.9);
        Assert.Contains("201 counted", finding.Title, StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_with_room_takes_the_blame_away()
    {
        Verdict verdict = Explained.Verdict(Explained.CaptureBoot + Failed + Table(cpus: 1, rows: 40));
        Assert.DoesNotContain(verdict.Findings, f => f.Id == "vector-exhaustion");
        Assert.Contains(verdict.Unknowns, u => u.Question.Contains("only 40 of about 201", StringComparison.Ordinal));
    }

    [Fact]
    public void A_table_of_the_ordinary_system_is_not_counted()
    {
        Verdict verdict = Explained.Verdict(
            Explained.CaptureBoot + Failed + "[    9.000000] Interrupt reservation exceeds available resources\n" +
            Table(cpus: 8, rows: 900));
        Finding finding = Assert.Single(verdict.Findings, f => f.Id == "vector-exhaustion");
        Assert.DoesNotContain("900", finding.Title + finding.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void One_driver_that_says_ENOSPC_is_a_question_and_no_answer()
    {
        Verdict verdict = Explained.Verdict(Explained.CaptureBoot + Failed);
        Assert.DoesNotContain(verdict.Findings, f => f.Id == "vector-exhaustion");
        Assert.Contains(verdict.Unknowns, u => u.Question.StartsWith("why virtio_blk virtio0 failed with -28", StringComparison.Ordinal));
    }

    [Fact]
    public void Another_error_number_has_nothing_to_do_with_vectors()
    {
        Assert.Empty(Explained.Findings("vector-exhaustion",
            Explained.CaptureBoot + Failed.Replace("-28", "-12", StringComparison.Ordinal) + Table(cpus: 1, rows: 201)));
    }

    [Fact]
    public void ENOSPC_before_the_crash_is_not_the_crash_kernels()
    {
        Assert.Empty(Explained.Findings("vector-exhaustion",
            Explained.FirstBoot + Failed + "[    9.000000] Interrupt reservation exceeds available resources\n"));
    }

    [Fact]
    public void Two_CPUs_that_are_full_ask_for_a_third()
    {
        Finding finding = Assert.Single(
            Explained.Findings("vector-exhaustion",
            Explained.CaptureBoot.Replace("nr_cpus=1", "nr_cpus=2", StringComparison.Ordinal) + Failed + Table(cpus: 2, rows: 402)));
        Assert.Contains("nr_cpus=3", finding.Fixes[0].Text, StringComparison.Ordinal);
    }

    private static string Table(int cpus, int rows)
    {
        var table = new StringBuilder("     ");
        for (int i = 0; i < cpus; i++)
            table.Append($"      CPU{i}");
        table.Append('\n');
        for (int i = 0; i < rows; i++)
            table.Append($"{i + 30,4}: ").Append(string.Concat(Enumerable.Repeat("          0", cpus)))
                .Append($"  IR-PCI-MSI {(i + 8) * 2048}-edge      dev{i}\n");
        return table.Append("NMI:          2   Non-maskable interrupts\n").ToString();
    }
}
