using System.Text;
using Kdump.Cli;
using Kdump.Cli.Terminals;

namespace Kdump.Tests.Cli;

/// <summary>The report page in a real browser: its policy lets its own script and style run, nothing is wider than the page.</summary>
public sealed class PageTests : IDisposable
{
    private const string Browser = "timeout 120 chromium --headless --no-sandbox --disable-gpu --allow-file-access-from-files " +
        "--virtual-time-budget=4000";

    private readonly string folder = Directory.CreateTempSubdirectory("kdt-page").FullName;

    public static TheoryData<string> Pages => new("vector-exhaustion", "vf-not-recovered", "edac-faulty-dimm", "dump-saved",
        "capture-kernel-oom", "nvme-fell-off-the-bus");

    [ToolTheory("chromium", "timeout")]
    [MemberData(nameof(Pages))]
    public void A_browser_takes_the_page_without_a_word_and_shows_all_of_it_at_three_widths(string name)
    {
        Page(Repository.Path("fixtures", "cases", name));
        foreach (int width in new[] { 390, 1024, 1600 })
        {
            // A page of ours around it, whose script may ask how wide the report became.
            File.WriteAllText(Path.Combine(folder, "around.html"),
                $"<iframe id=f src=report.html width={width} height=900></iframe><script>onload = () => {{ const d = f.contentDocument; " +
                "document.title = [d.documentElement.scrollWidth - d.documentElement.clientWidth, " +
                "d.querySelectorAll('button').length, d.querySelectorAll('.command').length, " +
                "[...d.querySelectorAll('a[href^=\"#\"]')].filter(a => " +
                "!d.getElementById(a.getAttribute('href').slice(1))).length]; }</script>");
            string dom = Encoding.UTF8.GetString(Tool.Run($"{Browser} --dump-dom file://{folder}/around.html 2>/dev/null", folder));
            string title = dom.Split("<title>")[1].Split("</title>")[0];
            string[] numbers = title.Split(',');
            Assert.True(numbers is ["0", _, _, "0"], $"{name} at {width}: overflow, buttons, commands, dead links: {title}");
            Assert.Equal(numbers[2], numbers[1]);
        }
        string log = Encoding.UTF8.GetString(Tool.Run(
            $"{Browser} --enable-logging=stderr --dump-dom file://{folder}/report.html 2>&1 >/dev/null | grep -i console || true", folder));
        Assert.Equal("", log);
    }

    [Fact]
    public void The_page_is_dated_and_names_what_it_is_made_of()
    {
        string html = Page(Repository.Path("fixtures", "cases", "nvme-fell-off-the-bus"));
        Assert.Contains("<dt>when</dt><dd>05-21 18:07:14 (the machine", html, StringComparison.Ordinal);
        Assert.Contains("<dt>inputs</dt><dd>1: kernel log</dd>", html, StringComparison.Ordinal);
        Assert.Contains("kdt 0.1.0", html, StringComparison.Ordinal);
        Assert.Contains(">console.log:4</a>", html, StringComparison.Ordinal);
        Assert.DoesNotContain(Repository.Path("fixtures") + "/cases/nvme-fell-off-the-bus/console.log", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Vectors_memory_and_DIMMs_are_shown_with_their_numbers()
    {
        string html = Page(Repository.Path("fixtures", "cases", "vector-exhaustion"));
        Assert.Equal(201, html.Split("width=\"10\" height=\"10\"").Length - 1);
        Assert.Contains("</span> 101</td><td>pcieport</td>", html, StringComparison.Ordinal);
        Assert.Contains("<h2>DIMM ledger</h2>", Page(Repository.Path("fixtures", "cases", "edac-faulty-dimm")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_of_very_many_findings_stays_below_a_megabyte_and_counts_the_rest()
    {
        var log = new StringBuilder(Explained.CaptureBoot);
        for (int i = 0; i < 256; i++)
        {
            for (int line = 0; line < 8; line++)
                log.Append($"[    5.{i:000}{line}00] nvme 0000:{i:x2}:00.0: {new string('x', 380)}\n");
            log.Append($"[    5.{i:000}900] nvme: probe of 0000:{i:x2}:00.0 failed with error -5\n");
        }
        string path = Path.Combine(folder, "many.log");
        File.WriteAllText(path, log.ToString());
        Assert.InRange(Encoding.UTF8.GetByteCount(Page(path)), 10_000, 1_000_000);
    }

    [Fact]
    public void A_page_goes_to_standard_output_where_that_is_asked_for()
    {
        var output = new StringWriter { NewLine = "\n" };
        Kdt.Run(["explain", "-o", "-", Repository.Path("fixtures", "cases", "dump-saved")], output, TextWriter.Null, () => Stream.Null,
            Terminal.Plain);
        Assert.StartsWith("<!DOCTYPE html>", output.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("</html>\n", output.ToString(), StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string Page(string path)
    {
        string page = Path.Combine(folder, "report.html");
        Kdt.Run(["explain", path, "-o", page], TextWriter.Null, TextWriter.Null, () => Stream.Null, Terminal.Plain);
        return File.ReadAllText(page);
    }
}
