using Kdump.Diagnosis.Catalogue.Failures;
using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Catalogue;

/// <summary>
/// The fire-and-silence table: each failure of the catalogue is found in fixtures/catalogue/ID/fires.txt, not in near-miss.txt beside it,
/// and nowhere in fixtures/healthy.
/// </summary>
public sealed class KnownFailureTests
{
    public static TheoryData<string> Failures => new(FailureBook.All.Select(f => f.Id));

    public static TheoryData<string> HealthyBoots =>
        new(Directory.GetFiles(Repository.Path("fixtures", "healthy"), "*.log").Select(f => Path.GetFileName(f))
        .Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Failures))]
    public void It_is_found_where_its_lines_stand_and_quotes_them(string id)
    {
        string log = Log(id, "fires.txt");
        Finding finding = Assert.Single(Explained.Findings(id, log));
        Assert.NotEmpty(finding.Evidence);
        Assert.All(finding.Evidence, e => Assert.Contains(e.Text, log));
        Assert.DoesNotContain("{", finding.Title);
        Assert.NotEmpty(finding.Fixes);
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public void A_log_that_nearly_shows_it_is_left_alone(string id) => Assert.Empty(Explained.Findings(id, Log(id, "near-miss.txt")));

    [Theory]
    [MemberData(nameof(HealthyBoots))]
    public void A_healthy_boot_is_left_alone(string name)
    {
        Verdict verdict = Explained.Verdict(File.ReadAllText(Repository.Path("fixtures", "healthy", name)));
        Assert.Empty(verdict.Findings.Where(f => f.Severity >= Severity.Warning).Select(f => $"{f.Key}: {f.Evidence[0].Text}"));
        Assert.Empty(verdict.Unknowns);
    }

    [Fact]
    public void Ten_healthy_boots_are_there() => Assert.True(HealthyBoots.Count >= 10, $"only {HealthyBoots.Count} in fixtures/healthy");

    [Fact]
    public void Whose_log_it_is_is_asked_where_that_cannot_be_seen()
    {
        Verdict verdict = Explained.Verdict("[   14.118211] kdump[402]: kdump_pre script exited with non-zero status!\n");
        Assert.Empty(verdict.Findings);
        Assert.Contains(verdict.Unknowns, u => u.Question.Contains("kdump_pre failed", StringComparison.Ordinal));
    }

    [Fact]
    public void Signs_count_only_in_their_order_and_in_one_kernels_life()
    {
        const string cpus = "[    1.204812] smp: Brought up 8 nodes, 640 CPUs\n",
            oom = "[    4.802211] Out of memory: Killed process 301 (systemd-udevd) total-vm:31204kB, anon-rss:4096kB\n";
        Assert.Single(Explained.Findings("too-many-cpus-in-crash-kernel", Explained.CaptureBoot + cpus + oom));
        Assert.Empty(Explained.Findings("too-many-cpus-in-crash-kernel", Explained.CaptureBoot + oom + cpus));
        Assert.Empty(Explained.Findings("too-many-cpus-in-crash-kernel", Explained.FirstBoot + cpus + Explained.CaptureBoot + oom));
    }

    [Fact]
    public void Two_devices_that_fail_alike_are_two_findings_and_one_that_fails_for_ever_is_one()
    {
        string log = Explained.CaptureBoot +
            string.Concat(Enumerable.Range(0, 10_000)
            .Select(i => $"[{i + 10,5}.118211] nvme nvme{i % 2}: Device not ready; aborting initialisation, CSTS=0x1\n"));
        Assert.Equal(["device-not-ready-after-crash:nvme0", "device-not-ready-after-crash:nvme1"],
            Explained.Findings("device-not-ready-after-crash", log).Select(f => f.Key));
    }

    [Fact]
    public void A_cause_of_the_catalogue_takes_its_place_before_what_it_explains()
    {
        Verdict verdict = Explained.Verdict(Log("too-many-cpus-in-crash-kernel", "fires.txt"));
        Assert.Equal("too-many-cpus-in-crash-kernel", verdict.RootCauses[0].Id);
        Assert.Contains("too-many-cpus-in-crash-kernel", verdict.Findings.Single(f => f.Id == "capture-kernel-oom").CausedBy);
    }

    private static string Log(string id, string name)
    {
        string path = Repository.Path("fixtures", "catalogue", id, name);
        Assert.True(File.Exists(path),
            $"write fixtures/catalogue/{id}/{name}: a log that {(name == "fires.txt" ? "shows" : "nearly shows")} it");
        return File.ReadAllText(path);
    }
}
