using System.Text.Json;
using Kdump.Cli;
using Kdump.Cli.Terminals;

namespace Kdump.Tests.Cli;

/// <summary>Two boots beside each other: recorded ones of one machine, and ones with a planted difference.</summary>
public sealed class LogDiffCommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kdt-logdiff-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_boot_beside_itself_has_no_difference() =>
        Assert.Contains("no difference", Diff(Healthy("nvme-trixie.log"), Healthy("nvme-trixie.log")), StringComparison.Ordinal);

    [Fact]
    public void The_same_boot_with_other_times_addresses_and_order_has_no_difference()
    {
        string[] lines = File.ReadAllLines(Healthy("sata-trixie.log"));
        string other = Path.Combine(folder, "other.log");
        int at = Array.FindIndex(lines, l => l.Contains("ahci", StringComparison.Ordinal));
        (lines[at], lines[at + 1]) = (lines[at + 1], lines[at]);
        File.WriteAllLines(other, lines.Select(l => l.Replace("] Memory: ", "] Memory: 1", StringComparison.Ordinal)));
        Assert.Contains("no difference", Diff(Healthy("sata-trixie.log"), other), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("virtio-bullseye.log", "virtio-bookworm.log")]
    [InlineData("nvme-bookworm.log", "nvme-trixie.log")]
    [InlineData("sata-trixie.log", "sata-sid.log")]
    public void Two_healthy_kernels_differ_by_their_release_and_show_no_new_trouble(string good, string bad)
    {
        using JsonDocument json = JsonDocument.Parse(Diff(Healthy(good), Healthy(bad), "--json"));
        Assert.Equal("kdt.log.diff/1", json.RootElement.GetProperty("schema").GetString());
        JsonElement[] all = [.. json.RootElement.GetProperty("differences").EnumerateArray()];
        Assert.Contains(all, d => d.GetProperty("what").GetString()!.StartsWith("kernel: ", StringComparison.Ordinal));
    }

    [Fact]
    public void A_planted_failure_comes_first_and_a_missing_device_is_named()
    {
        string[] lines = File.ReadAllLines(Healthy("sata-trixie.log"));
        string bad = Path.Combine(folder, "bad.log");
        const string Planted = "[    1.500000] ahci 0000:00:1f.2: probe with driver ahci failed with error -12";
        string[] left = [.. lines.Where(l => !l.Contains("e1000", StringComparison.Ordinal))];
        int at = Array.FindIndex(left, l => l.Contains("ahci 0000:00:1f.2", StringComparison.Ordinal));
        Assert.True(at > 0, "the fixture has an AHCI controller");
        File.WriteAllLines(bad, [.. left[..at], Planted, .. left[(at + 1)..]]);
        string text = Diff(Healthy("sata-trixie.log"), bad);
        string[] kinds = [.. text.Split('\n').Where(l => l.StartsWith('[')).Select(l => l[1..l.IndexOf(']', StringComparison.Ordinal)])];
        Assert.Equal("first-driver-line", kinds[0]);
        Assert.Contains("failed with error -12", text, StringComparison.Ordinal);
        Assert.Contains("new-trouble", kinds);
    }

    [Fact]
    public void A_parameter_that_was_added_is_told()
    {
        string bad = Path.Combine(folder, "bad.log");
        File.WriteAllText(bad, Explained.FirstBoot.Replace("crashkernel=192M", "crashkernel=192M iommu=off", StringComparison.Ordinal));
        string good = Path.Combine(folder, "good.log");
        File.WriteAllText(good, Explained.FirstBoot);
        Assert.Contains("command line: with iommu=off", Diff(good, bad), StringComparison.Ordinal);
    }

    private static string Healthy(string name) => Repository.Path("fixtures", "healthy", name);

    private static string Diff(params string[] arguments)
    {
        var output = new StringWriter();
        Kdt.Run(["log", "diff", .. arguments], output, TextWriter.Null, () => Stream.Null, Terminal.Plain);
        return output.ToString();
    }
}
