using Kdump.Diagnosis.Crashes;

namespace Kdump.Tests.Crashes;

/// <summary>
/// Every kind of report in the kernel's wording of several eras and architectures, with functions of no real kernel: <c>guilty_fn</c> is to
/// be named. fixtures/reports/titles.tsv tells kind and title; <c>-</c> is silence.
/// </summary>
public sealed class KernelWordingTests
{
    public static TheoryData<string, string, string> Reports
    {
        get
        {
            var data = new TheoryData<string, string, string>();
            foreach (string line in File.ReadLines(Repository.Path("fixtures", "reports", "titles.tsv")))
            {
                string[] parts = line.Split('\t');
                data.Add(parts[0], parts[1], parts[2]);
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Reports))]
    public void A_report_is_named_as_its_kernel_means_it(string name, string kind, string title)
    {
        IReadOnlyList<Crash> crashes = LogCorpus.Read(File.ReadAllBytes(Repository.Path("fixtures", "reports", name + ".log"))).Crashes;
        if (kind == "-")
        {
            Assert.Empty(crashes.Select(c => c.Title));
            return;
        }
        Crash first = crashes[0];
        Assert.Equal((title, kind, null), (first.Title, first.Kind, first.Torn));
        Assert.All(crashes.Skip(1), later => Assert.True(later.ConsequenceOf is not null, $"also {later.Title}, line {later.FirstLine}"));
    }

    [Fact]
    public void Every_report_of_the_folder_is_in_the_table() =>
        Assert.Equal(Directory.GetFiles(Repository.Path("fixtures", "reports"), "*.log").Length, Reports.Count);
}
