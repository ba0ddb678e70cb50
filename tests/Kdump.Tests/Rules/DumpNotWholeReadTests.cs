using Kdump.Diagnosis.Evidence.Dumps;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Rules.Dumps;

namespace Kdump.Tests.Rules;

public sealed class DumpNotWholeReadTests
{
    [Theory]
    [InlineData("log", "console log")]
    [InlineData("btf", "vmlinux with debug information")]
    [InlineData("orc", "vmlinux with debug information")]
    [InlineData("kallsyms", "System.map")]
    [InlineData("vmcoreinfo", "-device vmcoreinfo")]
    public void What_cannot_be_read_is_named_with_what_would_settle_it(string part, string input)
    {
        const string Why = "address ffffffffb1664660 is in a damaged page of the dump";
        Verdict verdict = Verdict.From(DumpFacts.Of(new DumpUnread(new Source(DumpFacts.Path, $"{part}: {Why}"), part, Why)),
            [new DumpNotWholeRead()]);
        Assert.Empty(verdict.Findings);
        Unknown unknown = Assert.Single(verdict.Unknowns);
        Assert.Contains($"{part} of {DumpFacts.Path} cannot be read ({Why})", unknown.Question, StringComparison.Ordinal);
        Assert.Contains(input, unknown.Settle, StringComparison.Ordinal);
    }
}
