using System.Text.RegularExpressions;
using Kdump.Cli;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Catalogue;
using Kdump.Diagnosis.Catalogue.Failures;
using Kdump.Diagnosis.Catalogue.Families;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Rules;
using Kdump.Diagnosis.Rules.Hosts;
using Kdump.Diagnosis.Rules.Images;

namespace Kdump.Tests.Catalogue;

public sealed partial class EntriesTests
{
    [Fact]
    public void Every_rule_has_one_entry_and_every_entry_a_rule()
    {
        string[] rules = RuleBook.All.Concat(ImageRuleBook.All).Concat(HostRuleBook.Own).Select(r => r.Id).Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal).ToArray();
        Assert.Equal(rules, Entries.All.Select(e => e.Id).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_entry_says_what_it_looks_like_why_it_happens_and_where_that_is_known_from()
    {
        foreach (Entry entry in Entries.All)
        {
            Assert.Matches(KebabCase(), entry.Id);
            Assert.NotEmpty(entry.Signature);
            Assert.True(entry.Cause.Length > 8 && entry.Origin.Length > 8, entry.Id);
        }
    }

    [Fact]
    public void Causes_and_effects_that_entries_name_exist()
    {
        string[] known = Entries.All.Select(e => e.Id).ToArray();
        foreach (Failure failure in FailureBook.All)
            Assert.All(failure.CausedBy.Concat(failure.Explains), name => Assert.Contains(name.Split(':')[0], known));
        foreach (Family family in FamilyBook.All)
            Assert.All(family.CausedBy.Concat(family.Explains), name => Assert.Contains(name, known));
    }

    [Fact]
    public void Every_failure_stands_in_the_failure_book_once()
    {
        Type[] written = typeof(FailureBook).Assembly.GetTypes()
            .Where(t => t.Namespace == typeof(FailureBook).Namespace && t.GetField("Entry")?.FieldType == typeof(Failure)).ToArray();
        Assert.Equal(written.Select(t => (Failure)t.GetField("Entry")!.GetValue(null)!).Select(f => f.Id).Order(),
            FailureBook.All.Select(f => f.Id).Order());
        Assert.Equal(FailureBook.All.Length, FailureBook.All.Select(f => f.Id).Distinct().Count());
    }

    [Fact]
    public void The_page_in_docs_says_what_the_catalogue_says() => Golden.Check(Repository.Path("docs", "failures.md"), Say("all").Output);

    [Fact]
    public void One_entry_is_printed_by_its_id_and_a_wrong_id_names_those_that_are_near()
    {
        Assert.Contains("hugepages=", Say("cmdline-parameter-harmful").Output, StringComparison.Ordinal);
        (int status, string output, string error) = Say("vector");
        Assert.Equal((ExitCode.Failed, ""), (status, output));
        Assert.Contains("vector-exhaustion", error, StringComparison.Ordinal);
    }

    private static (int Status, string Output, string Error) Say(string id)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        int status = Kdt.Run(["explain", "--rule", id], output, error, () => Stream.Null, Terminal.Plain);
        return (status, output.ToString(), error.ToString());
    }

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex KebabCase();
}
