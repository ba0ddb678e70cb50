using System.Text.Json;
using Kdump.Cli;
using Kdump.Cli.Languages;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Text;
using Kdump.Tests.Host;
using Kdump.Tests.Image;

namespace Kdump.Tests.Cli;

/// <summary>Reports in Chinese: when, and what they say.</summary>
public sealed class ChineseTests
{
    [Theory]
    [InlineData("kdt: 没有命令 'explian'；是不是想写 'explain'？（见 kdt --help）", "explian")]
    [InlineData("kdt: 没有选项 '--jsno'；是不是想写 '--json'？（见 kdt explain --help）", "explain", "--jsno")]
    [InlineData("kdt: /nonexist：没有这个文件", "explain", "/nonexist")]
    [InlineData("kdt: --rule：目录里没有 'vector-exhaust' 这一条；是不是想写 'vector-exhaustion'？", "explain", "--rule", "vector-exhaust")]
    public void Messages_on_standard_error_are_in_the_language_of_the_answer(string said, params string[] args)
    {
        StringWriter error = new() { NewLine = "\n" };
        Assert.Equal(2, Kdt.Run([.. args, "--lang", "zh"], TextWriter.Null, error, () => Stream.Null, Terminal.Plain));
        Assert.Equal(said, error.ToString().TrimEnd());
    }

    [Fact]
    public void The_differences_of_two_images_are_told_in_Chinese()
    {
        using var scene = new KdumpScene();
        string good = scene.WriteImage("good.img");
        scene.Files.Remove(KdumpScene.At("drivers/block/virtio_blk.ko"));
        scene.File("etc/kdump.conf", "ext4 UUID=other\n");
        scene.File("etc/machine-id", "1");
        StringWriter output = new() { NewLine = "\n" };
        string other = scene.WriteImage("bad.img");
        string[] args = ["image", "diff", good, other, "--lang", "zh"];
        Assert.Equal(1, Kdt.Run(args, output, TextWriter.Null, () => Stream.Null, Terminal.Plain));
        string text = output.ToString().Replace(good, "A", StringComparison.Ordinal).Replace(other, "B", StringComparison.Ordinal);
        Assert.Contains("处差异可能要紧", text, StringComparison.Ordinal);
        Assert.Contains("内核模块：", text.Replace(": ", "：", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("只在 A 里：", text, StringComparison.Ordinal);
        Assert.DoesNotContain("only in", text, StringComparison.Ordinal);
        Assert.DoesNotContain("differences", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("LANG=zh_CN.UTF-8", "zh")]
    [InlineData("LANG=zh_TW.utf8", "zh")]
    [InlineData("LANG=zh_HK", "zh")]
    [InlineData("LANG=zh", "zh")]
    [InlineData("LC_MESSAGES=zh_CN.UTF-8", "zh")]
    [InlineData("LC_ALL=zh_CN.UTF-8 LANG=en_US.UTF-8", "zh")]
    [InlineData("LC_ALL=en_US.UTF-8 LANG=zh_CN.UTF-8", "en")]
    [InlineData("LC_MESSAGES=en_US.UTF-8 LANG=zh_CN.UTF-8", "en")]
    [InlineData("LC_ALL= LC_MESSAGES= LANG=zh_CN.UTF-8", "zh")]
    [InlineData("LANGUAGE=zh_CN:en LANG=en_US.UTF-8", "zh")]
    [InlineData("LANGUAGE=fr:zh LANG=fr_FR.UTF-8", "zh")]
    [InlineData("LANGUAGE=en:zh LANG=zh_CN.UTF-8", "en")]
    [InlineData("LANGUAGE=zh LANG=C.UTF-8", "en")]
    [InlineData("LANGUAGE=zh LANG=C", "en")]
    [InlineData("LANGUAGE=zh", "en")]
    [InlineData("LANG=zh_CN.GB18030", "en")]
    [InlineData("LANG=zh_TW.Big5", "en")]
    [InlineData("LANG=zh_CN.UTF-8 TERM=linux", "en")]
    [InlineData("LANG=zh_CN.UTF-8@pinyin TERM=vt220", "zh")]
    [InlineData("LANG=zha_CN.UTF-8", "en")]
    [InlineData("LANG=de_DE.UTF-8", "en")]
    [InlineData("", "en")]
    public void The_environment_chooses_the_language_as_gettext_reads_it(string set, string tag)
    {
        Dictionary<string, string> variables = set.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(v => v.Split('=', 2)).ToDictionary(v => v[0], v => v[1]);
        Assert.Equal(tag, LanguageChoice.OfEnvironment(variables.GetValueOrDefault).Tag);
    }

    [Fact]
    public void Lang_goes_before_the_environment_and_takes_only_languages_that_exist()
    {
        string path = Repository.Path("fixtures", "cases", "vector-exhaustion");
        string chinese = Run(Chinese(), "explain", path).Text;
        Assert.Contains("修复 1", chinese, StringComparison.Ordinal);
        Assert.Equal(chinese, Run(Terminal.Plain, "explain", "--lang=zh", path).Text);
        Assert.Equal(chinese, Run(Terminal.Plain, "--lang", "zh", "explain", path).Text);
        Assert.Equal(Run(Terminal.Plain, "explain", path), Run(Chinese(), "explain", path, "--lang", "en"));
        (int code, string text) = Run(Terminal.Plain, "explain", "--lang", "fr", path);
        Assert.Equal(2, code);
        Assert.Empty(text);
    }

    [Fact]
    public void Json_stays_English_unless_another_language_is_asked_for_by_name()
    {
        string path = Repository.Path("fixtures", "cases", "nvme-fell-off-the-bus");
        (int code, string english) = Run(Terminal.Plain, "explain", "--json", path);
        Assert.Equal((code, english), Run(Chinese(), "explain", "--json", path));
        (int asked, string chinese) = Run(Terminal.Plain, "explain", "--json", "--lang", "zh", path);
        Assert.Equal(code, asked);
        JsonElement a = Verdict(english), b = Verdict(chinese);
        Assert.Equal(Names(a), Names(b));
        Assert.NotEqual(a.GetProperty("headline").GetString(), b.GetProperty("headline").GetString());
        // Ids, severities, commands and evidence are the same; titles are not.
        foreach ((JsonElement one, JsonElement other) in a.GetProperty("findings").EnumerateArray()
            .Zip(b.GetProperty("findings").EnumerateArray()))
        {
            foreach (string same in new[] { "id", "key", "severity", "confidence", "evidence", "causedBy", "causedByKeys" })
                Assert.Equal(one.GetProperty(same).GetRawText(), other.GetProperty(same).GetRawText());
            Assert.True(HasHan(other.GetProperty("title").GetString()!), other.GetProperty("title").GetString());
        }

        static JsonElement Verdict(string text) => JsonDocument.Parse(text).RootElement.GetProperty("verdict");

        static string Names(JsonElement verdict) =>
            string.Join(' ', verdict.GetProperty("findings")[0].EnumerateObject().Select(p => p.Name));
    }

    /// <summary>Every finding of every case has a Chinese title, and the exit code is that of the English report.</summary>
    [Theory]
    [MemberData(nameof(ExplainCommandTests.Cases), MemberType = typeof(ExplainCommandTests))]
    public void Every_case_has_Chinese_titles_and_fits_eighty_columns(string name)
    {
        string path = Repository.Path("fixtures", "cases", name);
        (int code, string text) = Run(Chinese() with { Width = 80, Columns = 80 }, "explain", path);
        Assert.Equal(Run(Terminal.Plain, "explain", path).Code, code);
        foreach (string line in text.Split('\n'))
        {
            string start = line.TrimStart();
            // Evidence, commands and the list of inputs are quotations: they are never broken.
            bool quoted = start.StartsWith('|') || line.Contains("$ ", StringComparison.Ordinal) ||
                line.Contains("fixtures", StringComparison.Ordinal);
            Assert.True(quoted || Columns.Of(line) <= 80 || !HasHan(line), $"{Columns.Of(line)} columns: {line}");
            if (line.Length > 0 && line[..Math.Min(3, line.Length)] is "严重：" or "错误：")
                Assert.True(HasHan(line[3..]), line);
        }
        string screen = Run(Chinese() with { Width = 80, Columns = 80, Rows = 24, Screen = true }, "explain", path).Text;
        Assert.True(screen.TrimEnd('\n').Split('\n').Sum(l => Columns.Rows(l, 80)) < 24, screen);
    }

    [Theory]
    [InlineData("vector-exhaustion")]
    [InlineData("initramfs-unpack-failed")]
    [InlineData("nvme-fell-off-the-bus")]
    [InlineData("dump-saved")]
    public void A_case_says_in_Chinese_what_its_file_has(string name)
    {
        string text = Run(Chinese(), "explain", Repository.Path("fixtures", "cases", name)).Text;
        Golden.Check(Repository.Path("fixtures", "chinese", $"{name}.txt"),
            text.Replace(Repository.Root + "/", "", StringComparison.Ordinal));
    }

    [Fact]
    public void An_entry_of_the_catalogue_is_Chinese_and_its_command_is_not()
    {
        string text = Run(Chinese(), "explain", "--rule", "crash-kernel-not-loaded").Text;
        Assert.Contains("没有加载捕获内核。", text, StringComparison.Ordinal);
        Assert.Contains("原因。", text, StringComparison.Ordinal);
        Assert.Contains("`kdumpctl start; journalctl -b -u kdump", text, StringComparison.Ordinal);
        string screen = Run(Chinese() with { Screen = true, Columns = 80, Width = 80 }, "explain", "--rule",
            "crash-kernel-not-loaded").Text;
        Assert.Contains("$ kdumpctl start", screen, StringComparison.Ordinal);
        Assert.All(screen.Split('\n').Where(l => !l.StartsWith('$')), l => Assert.True(Columns.Of(l) <= 80, l));
    }

    [Fact]
    public void The_page_names_its_language()
    {
        string path = Repository.Path("fixtures", "cases", "nvme-fell-off-the-bus");
        string page = Run(Chinese(), "explain", "-o", "-", path).Text;
        Assert.Contains("<html lang=\"zh\" data-label=\"复制命令：\"", page, StringComparison.Ordinal);
        Assert.Contains("<h4>修改办法</h4>", page, StringComparison.Ordinal);
        Assert.Contains("<html lang=\"en\">", Run(Terminal.Plain, "explain", "-o", "-", path).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Host_check_and_image_check_are_Chinese_and_the_form_for_monitoring_is_not()
    {
        using var tree = new HostForm("rhel9");
        string root = tree.LayOut();
        Assert.Contains("机器", Run(Chinese(), "host", "check", "--root", root).Text, StringComparison.Ordinal);
        Assert.False(HasHan(Run(Chinese(), "host", "check", "--nagios", "--root", root).Text));
        Assert.True(HasHan(Run(Chinese(), "host", "check", "-q", "--root", root).Text));
    }

    [Fact]
    public void A_title_without_translation_stands_in_English_behind_the_general_one()
    {
        var finding = new Finding("crash-kernel-not-loaded", "a title of no rule 42", Severity.Error, 0.9, "A reason of no rule.");
        var verdict = new Verdict("a title of no rule 42 (and 2 more)", [finding], [finding], []) { Chain = [finding] };
        Verdict said = Chinese().Words.Of(verdict);
        Assert.Equal("没有加载捕获内核：a title of no rule 42", said.Findings[0].Title);
        Assert.Equal("没有加载捕获内核：a title of no rule 42（另有 2 个）", said.Headline);
        Assert.Equal("A reason of no rule.", said.Findings[0].Why);
    }

    [Fact]
    public void A_line_of_wide_characters_breaks_between_them_but_not_before_a_mark()
    {
        Assert.Equal(5, Columns.Break("没有发现问题", 10));
        // The comma would begin the next line: one character less.
        Assert.Equal(3, Columns.Break("没有发现，问题", 8));
        Assert.Equal(5, Columns.Break("没有发现，问题", 10));
        Assert.Equal(2, Columns.Break("没有（发现）", 7));
        // Latin words are not broken; between Latin and Chinese a line may end.
        Assert.Equal(2, Columns.Break("重建initramfs", 10));
        Assert.Equal(9, Columns.Break("initramfs 没有", 10));
        Assert.Equal(0, Columns.Break("initramfs", 5));
        Assert.Equal(9, Columns.FirstBreak("initramfs没有"));
    }

    private static Terminal Chinese() => Terminal.Plain with { Words = new Chinese() };

    private static bool HasHan(string text) => text.Any(c => c is >= '\u4e00' and <= '\u9fff');

    private static (int Code, string Text) Run(Terminal terminal, params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        return (Kdt.Run(args, output, error, () => Stream.Null, terminal), output.ToString());
    }
}
