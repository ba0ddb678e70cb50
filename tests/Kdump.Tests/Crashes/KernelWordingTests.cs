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

    /// <summary>
    /// Kernels without frame pointers before 4.14: the title stays what others give it, and the function is a guess that says so.
    /// </summary>
    [Fact]
    public void Where_the_unwinder_confirmed_no_frame_the_function_is_a_guess()
    {
        const string Log = """
            [  360.100000] INFO: task jbd2/vdt-8:390 blocked for more than 120 seconds.
            [  360.100001]       Not tainted 4.9.0-11-amd64 #1
            [  360.100002] jbd2/vdt-8      D    0   390      2 0x00000000
            [  360.100003] Call Trace:
            [  360.100004]  [<ffffffff8de17609>] ? __schedule+0x239/0x6f0
            [  360.100005]  [<ffffffff8de17af2>] ? schedule+0x32/0x80
            [  360.100006]  [<ffffffff8de1ae8d>] ? schedule_timeout+0x1dd/0x380
            [  360.100007]  [<ffffffff8de1736d>] ? io_schedule_timeout+0x9d/0x100
            [  360.100008]  [<ffffffffc041afe9>] ? jbd2_journal_commit_transaction+0xf59/0x17c0 [jbd2]
            [  360.100009]  [<ffffffffc041fc72>] ? kjournald2+0xc2/0x260 [jbd2]

            """;
        Crash crash = Assert.Single(LogCorpus.Read(Log).Crashes);
        Assert.Equal(("INFO: task hung in corrupted", "jbd2_journal_commit_transaction"), (crash.Title, crash.Function));
        Assert.Contains(crash.Doubts, d => d.Contains("unwinder", StringComparison.Ordinal));
        Assert.True(crash.Confidence < 0.7);
        // One confirmed frame, and the others are leftovers again.
        Assert.Null(Assert.Single(LogCorpus.Read(Log.Replace("? schedule+", "schedule+", StringComparison.Ordinal)).Crashes).Function);
    }

    [Fact]
    public void A_sentence_that_goes_on_names_no_function()
    {
        Crash crash = Assert.Single(
            LogCorpus.Read(
            "[  360.100000] BUG: something strange in virtual kernel address space\n[  360.100001] CPU: 0 PID: 1 Comm: x Not tainted " +
            "6.1.0 #1\n").Crashes);
        Assert.Null(crash.Function);
    }

    [Fact]
    public void Every_report_of_the_folder_is_in_the_table() =>
        Assert.Equal(Directory.GetFiles(Repository.Path("fixtures", "reports"), "*.log").Length, Reports.Count);
}
