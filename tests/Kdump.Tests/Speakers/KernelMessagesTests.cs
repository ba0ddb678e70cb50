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

    /// <summary>What laptops print that wake up or meet a dock, and what a search for other systems prints.</summary>
    [Theory]
    [InlineData("xhci_hcd 0000:00:14.0: xHC error in resume, USBSTS 0x401, Reinit")]
    [InlineData("i915 0000:00:02.0: [drm] not enough stolen space for compressed buffer (need 1 more bytes), disabling")]
    [InlineData("amdgpu 0000:c4:00.0: amdgpu: SECUREDISPLAY: optional securedisplay ta ucode is not available")]
    [InlineData("FAT-fs (sda3): bogus number of FAT structure")]
    [InlineData("ntfs: (device sda3): read_ntfs_boot_sector(): Primary boot sector is invalid.")]
    public void Lines_of_healthy_machines_in_the_middle_of_a_log_are_quiet(string message)
    {
        string after = string.Concat(Enumerable.Range(0, 300).Select(i =>
            $"[ {2000 + i}.000000] br0: port {i} entered forwarding state\n"));
        Assert.Empty(Explained.Verdict($"{Boot}[ 1500.500000] {message}\n{after}").Unknowns);
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
