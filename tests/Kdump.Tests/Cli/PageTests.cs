using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Deque.AxeCore.Commons;
using Kdump.Cli;
using Kdump.Cli.Terminals;

namespace Kdump.Tests.Cli;

/// <summary>The report page in a real browser: its policy lets its own script and style run, nothing is wider than the page.</summary>
public sealed class PageTests : IDisposable
{
    private const string Browser = "timeout 120 chromium --headless --no-sandbox --disable-gpu --allow-file-access-from-files " +
        "--virtual-time-budget=4000";

    private readonly string folder = Directory.CreateTempSubdirectory("kdt-page").FullName;

    public static TheoryData<string> Pages => new(PageScenes.All);

    /// <summary>The pages of three cases have the parts of all cases.</summary>
    public static TheoryData<string> Audited => new([.. PageScenes.Cases[..3], .. PageScenes.All[PageScenes.Cases.Length..]]);

    [ToolTheory("chromium", "timeout")]
    [MemberData(nameof(Pages))]
    public void A_browser_takes_the_page_without_a_word_and_shows_all_of_it_at_three_widths(string name)
    {
        PageScenes.Write(name, folder);
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
            PageScenes.Keep(name, folder, width);
            string[] numbers = title.Split(',');
            Assert.True(numbers is ["0", _, _, "0"], $"{name} at {width}: overflow, buttons, commands, dead links: {title}");
            Assert.Equal(numbers[2], numbers[1]);
        }
        string log = Encoding.UTF8.GetString(Tool.Run(
            $"{Browser} --enable-logging=stderr --dump-dom file://{folder}/report.html 2>&1 >/dev/null | grep -i console || true", folder));
        Assert.Equal("", log);
    }

    /// <summary>axe-core's rules: contrast, names, landmarks, headings, tables; the folded parts as well.</summary>
    [ToolTheory("chromium", "timeout")]
    [MemberData(nameof(Audited))]
    public void Axe_finds_nothing_to_complain_about_in_light_in_dark_and_on_a_telephone(string name)
    {
        string page = File.ReadAllText(PageScenes.Write(name, folder));
        string audit = page.Replace("http-equiv=\"Content-Security-Policy\"", "name=\"no-policy\"", StringComparison.Ordinal)
            .Replace("<details", "<details open", StringComparison.Ordinal)
            .Replace("</body>", $"<script>{new BundledAxeScriptProvider().GetScript()}</script><script>axe.run(document).then(r => {{ " +
                "document.title = 'axe:' + JSON.stringify([r.passes.length, r.violations.map(v => [v.id, v.nodes[0].html, " +
                    "v.nodes.length, " +
                "v.nodes[0].failureSummary])]); }).catch(e => { document.title = 'axe:' + e; });</script></body>",
                    StringComparison.Ordinal);
        string dark = audit.Replace("@media (prefers-color-scheme: dark)", "@media all", StringComparison.Ordinal);
        Assert.NotEqual(dark, audit);
        File.WriteAllText(Path.Combine(folder, "light.html"), audit);
        File.WriteAllText(Path.Combine(folder, "dark.html"), dark);
        File.WriteAllText(Path.Combine(folder, "around.html"),
            "<iframe src=light.html width=1280 height=900></iframe><iframe src=dark.html width=1280 height=900></iframe>" +
            "<iframe src=light.html width=390 height=900></iframe><pre id=said></pre><script>setInterval(() => { said.textContent = " +
            "[...document.querySelectorAll('iframe')].map(f => f.contentDocument.title).join('\\n'); }, 200);</script>");
        string dom = Encoding.UTF8.GetString(Tool.Run($"{Browser.Replace("=4000", "=12000", StringComparison.Ordinal)} " +
            $"--dump-dom file://{folder}/around.html 2>/dev/null", folder));
        string[] said = WebUtility.HtmlDecode(dom.Split("<pre id=\"said\">")[1].Split("</pre>")[0]).Split('\n');
        Assert.Equal(3, said.Length);
        Assert.All(said, s => Assert.True(Regex.IsMatch(s, "^axe:\\[[1-9][0-9],\\[\\]\\]$"), s));
    }

    /// <summary>On paper: nothing is folded, no button, nothing cut off at the right.</summary>
    [ToolTheory("chromium", "timeout", "pdftotext")]
    [InlineData("vector-exhaustion")]
    [InlineData("host check")]
    public void A_printed_page_has_the_chain_every_fix_and_its_command(string name)
    {
        string html = File.ReadAllText(PageScenes.Write(name, folder));
        Tool.Run("timeout 120 chromium --headless --no-sandbox --disable-gpu --no-pdf-header-footer --print-to-pdf=page.pdf " +
            "report.html 2>/dev/null", folder);
        string paper = Letters(Encoding.UTF8.GetString(Tool.Run("pdftotext -layout page.pdf -", folder)));
        string[] wanted = [.. Regex.Matches(html, "<h1>(.*?)</h1>|<h3>(.*?)</h3>|<pre>(.*?)</pre>", RegexOptions.Singleline)
            .Select(m => Letters(WebUtility.HtmlDecode(Regex.Replace(m.Groups.Values.Skip(1).First(g => g.Success).Value, "<[^>]*>",
                ""))))];
        Assert.True(wanted.Length > 4);
        Assert.All(wanted, w => Assert.Contains(w, paper, StringComparison.Ordinal));
        Assert.DoesNotContain("CopyCopy", paper.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);

        // Lines are wrapped anew on paper: letters and digits alone are compared.
        static string Letters(string text) => string.Concat(text.Where(char.IsAsciiLetterOrDigit));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_page_can_be_mailed_names_its_command_and_loads_nothing(string name)
    {
        string html = File.ReadAllText(PageScenes.Write(name, folder));
        Assert.InRange(Encoding.UTF8.GetByteCount(html), 2_000, 1_000_000);
        Assert.Contains("<header><p>kdt ", html, StringComparison.Ordinal);
        Assert.Matches("<p>[^<]*kdt(-fleet)? 0\\.1\\.0 \\(", html);
        Assert.DoesNotMatch("(src|href)=\"?(?!#)[a-z/]", html);
        Assert.Equal(html.Split("<main>").Length, html.Split("</main>").Length);
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
        Assert.Contains("</span>101</td><td>pcieport</td>", html, StringComparison.Ordinal);
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
