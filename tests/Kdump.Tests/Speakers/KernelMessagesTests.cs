using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Speakers;

/// <summary>
/// Messages that the kernel's source holds (Linux 6.12), filled in, each at the end of a healthy boot. fixtures/speakers/kernel.txt has
/// what must become of them, the source file and the message: <c>told</c>, <c>quiet</c>, the id of a finding, or an id that must not
/// occur with <c>!</c> in front.
/// </summary>
public sealed class KernelMessagesTests
{
    private static readonly string Boot = string.Join('\n', File.ReadLines(Repository.Path("fixtures", "healthy", "nvme-trixie.log"))
        .TakeWhile(l => !l.Contains("unmounting filesystem", StringComparison.Ordinal))) + "\n";

    public static TheoryData<string> Classes => [.. Rows().Select(r => r.Class).Distinct()];

    [Theory]
    [MemberData(nameof(Classes))]
    public void A_message_of_the_kernel_is_judged_by_its_kind(string kind)
    {
        string[] wrong = [.. Rows().Where(r => r.Class == kind && !IsRight(kind, r.Message)).Select(r => $"{r.File}: {r.Message}")];
        Assert.True(wrong.Length == 0, $"not {kind}:\n{string.Join('\n', wrong)}");
    }

    [Fact]
    public void The_boot_before_them_is_healthy()
    {
        Verdict verdict = Explained.Verdict(Boot);
        Assert.DoesNotContain(verdict.Findings, f => f.Severity > Severity.Info);
        Assert.Empty(verdict.Unknowns);
    }

    /// <summary>While a machine starts, a single such line is usual.</summary>
    [Theory]
    [InlineData(1234, true)]
    [InlineData(12, false)]
    public void A_device_that_fails_long_after_the_start_is_told_from_the_middle_of_a_log(int seconds, bool told)
    {
        string line = $"[{seconds,5}.500000] amdgpu 0000:03:00.0: amdgpu: failed to write reg 28b4 wait reg 28c6\n",
            after = string.Concat(Enumerable.Range(0, 150).Select(i => $"[ {2000 + i}.000000] br0: port {i} entered forwarding state\n"));
        Verdict verdict = Explained.Verdict(Boot + line + after);
        Assert.Equal(told, verdict.Unknowns.Any(u => u.Question.StartsWith("why amdgpu 0000:03:00.0", StringComparison.Ordinal)));
    }

    private static bool IsRight(string kind, string message)
    {
        string line = $"[ 1234.567890] {message}";
        Verdict verdict = Explained.Verdict(Boot + line + "\n");
        bool told = verdict.Findings.Any(f => f.Severity > Severity.Info && f.Evidence.Any(e => e.Text == line)) ||
            verdict.Unknowns.Any(u => u.Evidence.Any(e => e.Text == line));
        return kind switch
        {
            "told" => told,
            "quiet" => !told,
            _ when kind[0] == '!' => verdict.Findings.All(f => f.Id != kind[1..]),
            _ => verdict.Findings.Any(f => f.Id == kind),
        };
    }

    private static IEnumerable<(string Class, string File, string Message)> Rows() =>
        File.ReadLines(Repository.Path("fixtures", "speakers", "kernel.txt")).Select(l => l.Split('\t')).Select(p => (p[0], p[1], p[2]));
}
