using System.Globalization;
using Kdump.Diagnosis.MachineChecks;
using Kdump.Diagnosis.MachineChecks.Records;
using Xunit.Abstractions;

namespace Kdump.Tests.MachineChecks;

/// <summary>The severity tables of four kernels, each compiled from its own source.</summary>
public sealed class SeverityCorpusTests(ITestOutputHelper output)
{
    [CorpusFact("mce-severity")]
    [Trait("Corpus", "mce-severity")]
    public void The_severity_and_its_rule_are_those_of_four_kernels()
    {
        var score = new Score();
        foreach (string line in File.ReadLines(Path.Combine(Corpora.Find("mce-severity")!, "intel.tsv")).Skip(1))
        {
            string[] f = line.Split('\t');
            ulong status = Hex(f[0]), mcg = Hex(f[1]);
            uint model = (uint)Hex(f[3]), stepping = uint.Parse(f[4]);
            var id = new CpuId(0x600 | ((model & 15) << 4) | ((model >> 4) << 16) | stepping);
            var context = f[5] switch { "1" => MceContext.Kernel, "2" => MceContext.User, _ => MceContext.KernelRecoverable };
            (string Name, MceRules Rules, int Column)[] kernels =
                [("5.10", MceRules.Linux510, 8), ("6.8", MceRules.Linux68, 10), ("6.12", MceRules.Linux612, 12),
                ("6.19", MceRules.Linux612, 14)];
            foreach ((string name, MceRules rules, int column) in kernels)
            {
                MceVerdict got = MceSeverity.Intel(status, mcg, context, f[6] == "1", f[7] == "1", int.Parse(f[2]), id, rules);
                score.Add(name, line, got.Level == f[column] && got.Rule == f[column + 1]);
            }
        }
        output.WriteLine(score.ToString());
        Assert.Equal(1.0, score.Share);
    }

    private static ulong Hex(string text) => ulong.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
