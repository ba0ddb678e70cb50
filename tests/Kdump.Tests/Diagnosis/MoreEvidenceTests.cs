using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Verdicts;

/// <summary>More evidence never makes a poorer answer: true further lines of a boot keep what was found without them.</summary>
public sealed class MoreEvidenceTests
{
    /// <summary>What a crash kernel of any machine may say besides.</summary>
    private static readonly string[] OfCrashKernel =
    [
        "[    0.000000] Command line: ro reset_devices nr_cpus=1",
        "[    0.000000] Command line: ro irqpoll reset_devices nr_cpus=1 elfcorehdr=0x2e000000",
        "[    0.021792] CPU topo: Crash kernel detected. Disabling real BSP to prevent machine INIT",
        "[    0.000000] DMI: QEMU Standard PC (Q35 + ICH9, 2009), BIOS 1.16.2 04/01/2014",
        "[    0.500000] Calibrating delay loop (skipped), value calculated using timer frequency.. 4800.00 BogoMIPS",
    ];

    [Fact]
    public void Three_probes_without_vectors_keep_their_common_cause()
    {
        const string Probes = "[    5.000000] virtio_blk: probe of virtio0 failed with error -28\n" +
            "[    5.100000] xhci_hcd: probe of 0000:00:14.0 failed with error -28\n" +
            "[    5.200000] ahci: probe of 0000:00:17.0 failed with error -28\n";
        const string Banner = "[    0.000000] Linux version 6.1.0-50-amd64 (x)\n";
        for (int set = 0; set < 1 << OfCrashKernel.Length; set++)
        {
            string said = string.Concat(OfCrashKernel.Where((_, i) => (set >> i & 1) != 0).Select(l => l + "\n"));
            Verdict verdict = Explained.Verdict(Banner + said + Probes);
            Assert.True(verdict.Findings.Any(f => f.Id == "vector-exhaustion"), said);
            Assert.All(verdict.Findings.Where(f => f.Id == "driver-probe-failed"),
                f => Assert.Equal(["vector-exhaustion"], f.CausedBy));
        }
    }

    [Fact]
    public void The_root_of_each_case_stays_when_its_crash_kernel_says_more()
    {
        int tried = 0;
        foreach (string file in Directory.EnumerateFiles(Repository.Path("fixtures", "cases"), "console.log", SearchOption.AllDirectories))
        {
            string[] lines = File.ReadAllLines(file);
            int at = Array.FindIndex(lines, l => l.Contains("elfcorehdr=", StringComparison.Ordinal));
            if (at < 0)
                continue;
            string[] roots = Roots(lines);
            foreach (string more in OfCrashKernel.Where(l => !l.Contains("Command line", StringComparison.Ordinal)))
            {
                string[] kept = [.. Explained.Verdict(string.Join('\n', [.. lines[..(at + 1)], more, .. lines[(at + 1)..]]) + "\n")
                    .Findings.Select(f => f.Id)];
                Assert.All(roots, r => Assert.Contains(r, kept));
                tried++;
            }
        }
        Assert.True(tried > 6, "the cases hold crash kernels");
    }

    private static string[] Roots(string[] lines) =>
        [.. Explained.Verdict(string.Join('\n', lines) + "\n").RootCauses.Select(f => f.Id)];
}
