using System.IO.Compression;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;
using Kdump.Diagnosis.Rules;
using Kdump.Sources.Cases;

namespace Kdump.Tests;

/// <summary>Every text fixture, damaged in ways a log gets damaged: reading and judging it must neither throw nor grow.</summary>
public sealed class MutationTests
{
    private const int Rounds = 40;

    public static TheoryData<string> Files()
    {
        var data = new TheoryData<string>();
        foreach (string file in Directory.EnumerateFiles(Repository.Path("fixtures", "cases"), "*", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal))
            data.Add(Path.GetRelativePath(Repository.Root, file));
        return data;
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_damaged_log_costs_at_most_its_own_evidence(string file)
    {
        byte[] whole = File.ReadAllBytes(Repository.Path(file));
        // Long logs say little new when they are damaged once more: fewer rounds keep the suite quick.
        int rounds = whole.Length > 20_000 ? Rounds / 4 : Rounds;
        for (int seed = 0; seed < rounds; seed++)
        {
            byte[] damaged = Damage(whole, new Random(seed));
            Facts facts = Explained.Facts(damaged);
            Verdict verdict = Verdict.From(facts, RuleBook.All);
            var text = new StringWriter();
            new VerdictText(text).Write(verdict);
            Assert.DoesNotContain(text.ToString(), c => c < ' ' && c != '\n');
            Assert.True(facts.All.Count() < 100_000);
        }
    }

    [Fact]
    public void A_cut_gzip_log_gives_what_it_holds_and_says_that_it_is_cut()
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(File.ReadAllBytes(Repository.Path("fixtures", "cases", "dump-saved", "console.log")));
        byte[] cut = packed.ToArray()[..(int)(packed.Length / 2)];
        Case evidence = Case.Read(["-"], () => new MemoryStream(cut));
        CaseInput input = Assert.Single(evidence.Inputs);
        Assert.StartsWith("kernel log", input.Kind, StringComparison.Ordinal);
        Assert.NotEmpty(evidence.Facts.All);
    }

    private static byte[] Damage(byte[] whole, Random random)
    {
        byte[] bytes = (byte[])whole.Clone();
        switch (random.Next(5))
        {
            case 0:
                for (int i = 0; i < 1 + (bytes.Length / 200); i++)
                    bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 1:
                return bytes[..random.Next(bytes.Length)];
            case 2:
                int from = random.Next(bytes.Length), to = random.Next(from, bytes.Length);
                return [.. bytes[..to], .. bytes[from..]];
            case 3:
                for (int i = 0; i < 40; i++)
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                return bytes;
            default:
                string[] lines = System.Text.Encoding.Latin1.GetString(bytes).Split('\n');
                random.Shuffle(lines);
                return System.Text.Encoding.Latin1.GetBytes(string.Join('\n', lines));
        }
    }
}
