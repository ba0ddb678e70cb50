using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Rules;
using Kdump.Sources.Cases;

namespace Kdump.Tests.Rules;

/// <summary>Two boots of one machine, given together: the verdict says what differs.</summary>
public sealed class BootsDifferTests
{
    private static string Boot(string release, string disk) =>
        $"[    0.000000] Linux version {release} (gcc 12) #1 SMP\n[    0.000000] Command line: root=/dev/vda1 quiet\n" +
        "[    0.000000] DMI: Acme Server X1, BIOS 1.0 01/01/2024\n" +
        string.Concat(Enumerable.Range(0, 60).Select(i =>
            $"[    0.{i:000000}] pci 0000:00:{i % 32:x2}.{i % 8}: part {Word(i)} is there\n")) +
        disk;

    private static string Word(int i) => $"{(char)('a' + (i / 26))}{(char)('a' + (i % 26))}";

    private const string Well = "[    1.500000] nvme nvme0: 8/0/0 default/read/poll queues\n",
        Ill = "[    1.500000] nvme: probe of 0000:01:00.0 failed with error -28\n" +
            "[    9.000000] BUG: kernel NULL pointer dereference, address: 0000000000000d20\n[    9.000000] Oops: 0000 [#1] SMP\n" +
            "[    9.000000] CPU: 0 PID: 38 Comm: kswapd0 Not tainted 6.8.0 #1\n[    9.000000] RIP: 0010:foo_bar+0x1/0x2\n";

    private static Verdict Of(string one, string other)
    {
        string room = Directory.CreateTempSubdirectory("boots").FullName;
        try
        {
            File.WriteAllText(Path.Combine(room, "a.log"), one);
            File.WriteAllText(Path.Combine(room, "b.log"), other);
            return Verdict.From(Case.Read([room], () => Stream.Null).Facts, RuleBook.All);
        }
        finally
        {
            Directory.Delete(room, recursive: true);
        }
    }

    [Fact]
    public void The_good_and_the_bad_one_are_told_apart_and_compared()
    {
        Verdict verdict = Of(Boot("6.5.0", Well), Boot("6.8.0", Ill));
        Finding finding = verdict.Findings.Single(f => f.Id == "boots-differ");
        Assert.StartsWith("kernel 6.5.0 starts well here, 6.8.0 does not", finding.Title, StringComparison.Ordinal);
        Assert.Contains("kernel: 6.5.0 -> 6.8.0", finding.Why, StringComparison.Ordinal);
        Assert.StartsWith("kernel 6.5.0 starts well here", Of(Boot("6.8.0", Ill), Boot("6.5.0", Well)).Findings
            .Single(f => f.Id == "boots-differ").Title, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_that_are_well_two_that_are_ill_and_two_machines_are_not_compared()
    {
        Assert.DoesNotContain(Of(Boot("6.5.0", Well), Boot("6.8.0", Well)).Findings, f => f.Id == "boots-differ");
        Assert.DoesNotContain(Of(Boot("6.5.0", Ill), Boot("6.8.0", Ill)).Findings, f => f.Id == "boots-differ");
        Assert.DoesNotContain(Of(Boot("6.5.0", Well).Replace("Server X1", "Server Y2", StringComparison.Ordinal), Boot("6.8.0", Ill))
            .Findings, f => f.Id == "boots-differ");
    }
}
