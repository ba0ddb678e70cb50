using System.Text.RegularExpressions;
using Kdump.Cli;
using Kdump.Cli.Terminals;
using Kdump.FleetCli;
using Kdump.Fleet.Questions;
using Kdump.Fleet.Stores;
using Kdump.Probe.Machine;
using Kdump.Tests.Fleet;
using Kdump.Tests.Host;
using Kdump.Tests.Image;
using Kdump.Tests.Kernel;

namespace Kdump.Tests.House;

/// <summary>
/// The commands in the documents. What stands in a block is run, on files of a case that have the names that the documents use; a form in a
/// sentence (with FILE, a|b, …) names commands and options that exist; targets stand in the Makefile; links lead somewhere.
/// </summary>
public sealed partial class DocsTests : IDisposable
{
    /// <summary>Needs QEMU, a terminal, a program that is not built here, or runs until it is stopped: only its options are
    /// checked.</summary>
    private static readonly string[] NotRun = ["host rehearse", "vmcore shell", "vmcore clr", "fleet slurm", "fleet kubernetes",
        "fleet watch",
        "fleet scan", "fleet merge"];

    private static readonly string[] Words = [.. Directory.EnumerateFiles(Repository.Path("docs"), "*.md")
        .Append(Repository.Path("README.md")).Append(Repository.Path("README.zh-CN.md")).Append(Repository.Path("CONTRIBUTING.md"))
        .Append(Repository.Path("dracut", "README.md")).Append(Repository.Path("tests", "lab", "README.md")).Order(StringComparer.Ordinal)];

    private readonly string folder = Directory.CreateTempSubdirectory("kdt-docs").FullName;

    private readonly HostForm machine = new("rhel9"), other = new("debian12");

    private readonly MadeUpFleet fleet = new();

    public static TheoryData<string> Files => new(Words.Select(f => Path.GetRelativePath(Repository.Root, f)));

    public void Dispose()
    {
        machine.Dispose();
        other.Dispose();
        fleet.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_command_in_a_block_runs(string file)
    {
        string[] commands = [.. Commands(File.ReadAllText(Repository.Path(file)))];
        if (commands.Length > 0)
            LayOut();
        foreach (string command in commands)
        {
            string[] args = [.. Split(command)];
            if (args.Length == 1)
                args = [.. args, "--help"];
            if (args[0] == "kdump-probe")
                Assert.True(ProbeOptions(args[1..]), $"{file}: {command}: the probe does not take this");
            else if (NotRun.Any(n => string.Join(' ', args[1..]).StartsWith(n, StringComparison.Ordinal)))
                Known(file, command);
            else
                Runs(file, command, [args[1], .. args[2..].Select(Placed)]);
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_form_in_a_sentence_names_what_exists(string file)
    {
        foreach (Match code in Inline().Matches(Fence().Replace(File.ReadAllText(Repository.Path(file)), "")))
        {
            string form = code.Groups[1].Value.Replace("\\|", "|", StringComparison.Ordinal);
            if (form.StartsWith("make ", StringComparison.Ordinal))
                Assert.All(form.Split(' ')[1..].Where(w => !w.Contains('=')), target =>
                    Assert.Matches($"(?m)^[a-z0-9 -]*\\b{target}\\b[a-z0-9 -]*:",
                    File.ReadAllText(Repository.Path("Makefile"))));
            else if (form.StartsWith("kdt", StringComparison.Ordinal))
                Known(file, form);
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_link_to_a_file_leads_to_one(string file)
    {
        foreach (Match link in Link().Matches(File.ReadAllText(Repository.Path(file))))
            Assert.True(Path.Exists(Path.Combine(Path.GetDirectoryName(Repository.Path(file))!, link.Groups[1].Value)),
                $"{file}: {link.Value}");
    }

    /// <summary>Lines of a block that begin with one of the programs, also behind a pipe; what follows a pipe or a comment is not
    /// ours.</summary>
    private static IEnumerable<string> Commands(string text) => Fence().Matches(text).SelectMany(b => b.Groups[1].Value.Split('\n'))
        .Select(l => Ours().Match(l)).Where(m => m.Success).Select(m => m.Groups[1].Value.Trim());

    private static IEnumerable<string> Split(string command) =>
        Word().Matches(command).Select(m => m.Value.Replace("'", "", StringComparison.Ordinal).Replace("\"", "", StringComparison.Ordinal));

    private static bool ProbeOptions(string[] args) => Options.Parse(args).Mistake is null;

    private void Runs(string file, string command, string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        // A command about this machine is asked about one that has the same form everywhere.
        if (args[0] == "host" && args[1] is not ("diff" or "rehearse") && !args.Contains("--root"))
            args = [.. args, "--root", machine.LayOut()];
        if (args is ["explain"])
            args = ["explain", "--root", machine.LayOut()];
        if (args[^1] == "--embed")
            args = [.. args[..^1], "--embed", Path.Combine(folder, "vectors")];
        int code = args[0] == "fleet"
            ? KdtFleet.Run(args[1..], output, error, () => Stream.Null, Terminal.Plain)
            : Kdt.Run(args, output, error, () => File.OpenRead(Path.Combine(folder, "console.log")), Terminal.Plain);
        Assert.True(Fine(args, code, error.ToString()), $"{file}: {command}: exit {code}: {error}");
    }

    private static bool Fine(string[] args, int code, string error) => code is 0 or 1 || args switch
    {
        // Their answers need devices of a real machine, or its crashes; that the machine of this test has none is told.
        ["host", "vectors", ..] => error.Contains("shows no PCI device", StringComparison.Ordinal),
        ["explain", "--root", ..] => error.Contains("no crash of this machine was found", StringComparison.Ordinal),
        // An example of a mistake.
        ["vmcore", "print", .., "init_task.pidd"] => true,
        // The dump of this test has only some of its pages.
        ["vmcore", ..] => error.Contains("is in no page of the dump", StringComparison.Ordinal),
        _ => false,
    };

    /// <summary>Commands and options of a form, up to the pipe behind it: what --help of that command says.</summary>
    private static void Known(string file, string form)
    {
        string[] words = [.. Comment().Replace(form, "").Split(" | ")[0].Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        bool fleets = words.ElementAtOrDefault(1) == "fleet" || words[0] == "kdt-fleet";
        // kdt a|b|… C: each of them alone.
        List<string[]> paths = [[]];
        foreach (string word in words[(fleets && words[0] == "kdt" ? 2 : 1)..])
        {
            string[] choices = [.. word.TrimEnd(',').Split('|').Where(w => w.Length > 0 &&
                w.All(c => char.IsAsciiLetterLower(c) || c == '-') &&
                !w.StartsWith('-'))];
            if (choices.Length == 0 || paths[0].Length >= 2 || (paths[0].Length == 1 && paths[0][0] is "explain" or "mce" or "pci" or "log"
                && choices is not ["diff"]))
                break;
            paths = [.. paths.SelectMany(p => choices.Select(c => (string[])[.. p, c]))];
        }
        foreach (string[] path in paths)
        {
            using var output = new StringWriter();
            using var error = new StringWriter();
            int code = fleets ? KdtFleet.Run([.. path, "--help"], output, error, () => Stream.Null, Terminal.Plain)
                : Kdt.Run([.. path, "--help"], output, error, () => Stream.Null, Terminal.Plain);
            Assert.True(code == 0, $"{file}: `{form}`: {error}");
            foreach (string option in words.Where(w => w.StartsWith('-') && w.Length > 1).Select(w => w.TrimEnd(',', ';').Split('=')[0]))
                Assert.True(Regex.IsMatch(output.ToString(), $@"(^|[\s,|]){Regex.Escape(option)}\b"),
                    $"{file}: `{form}`: there is no {option}");
        }
    }

    private string Placed(string word) => word switch
    {
        "/var/crash" or "/logs" or "logs/" => fleet.Logs,
        "/var/crash/*/vmcore" => Path.Combine(folder, "vmcore"),
        "4c1f09ab" => kind,
        "web-17" => "web-1",
        "collected/" or "good/" => machine.LayOut(),
        "bad/" => other.LayOut(),
        _ when word.EndsWith(".html", StringComparison.Ordinal) || word.EndsWith(".tar.zst", StringComparison.Ordinal) =>
            Path.Combine(folder, Guid.NewGuid() + word),
        "fleet.db" => fleet.Store,
        _ when Path.Exists(Path.Combine(folder, word)) && word.Length > 0 && word != "." => Path.Combine(folder, word),
        _ => word,
    };

    private string kind = "";

    private void LayOut()
    {
        string cases = Repository.Path("fixtures", "cases");
        foreach (string name in (string[])["console.log", "dmesg.txt", "interrupts.txt", "trace.txt"])
            File.Copy(Path.Combine(cases, "vector-exhaustion", name), Path.Combine(folder, name));
        foreach ((string from, string to) in new[] { ("dump-saved", "good.log"), ("capture-kernel-oom", "bad.log"),
            ("mce-fatal-amd", "mce.log"),
            ("aer-recovered", "pci.log") })
            File.Copy(Path.Combine(cases, from, "console.log"), Path.Combine(folder, to));
        Directory.CreateDirectory(Path.Combine(folder, "case"));
        File.Copy(Path.Combine(cases, "hung-task", "console.log"), Path.Combine(folder, "case", "console.log"));
        using (var core = new RealKernelTests.Core())
            File.Copy(core.Path, Path.Combine(folder, "vmcore"));
        using (var scene = new KdumpScene())
        {
            File.Copy(scene.WriteImage("a.img"), Path.Combine(folder, "good.img"));
            scene.File("etc/kdump.conf", "ext4 UUID=other\n");
            File.Copy(scene.WriteImage("b.img"), Path.Combine(folder, "bad.img"));
            File.Copy(Path.Combine(folder, "good.img"), Path.Combine(folder, "kdump.img"));
        }
        for (int i = 1; i <= 6; i++)
        {
            fleet.Log($"web-{i}", MadeUpFleet.Chain, day: i);
            fleet.Log($"db-{i}", release: "6.1.0-32-amd64");
        }
        using FleetStore store = fleet.Open();
        fleet.Scan(store);
        kind = TopClusters.Of(store, 1).Single().Id;
    }

    [GeneratedRegex("```[a-z]*\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex("`((?:kdt|kdt-fleet|kdump-probe|make) [^`]*)`")]
    private static partial Regex Inline();

    [GeneratedRegex("""^\s*(?:\$ )?(?:[a-z][^|#]*\| )?((?:kdt|kdt-fleet|kdump-probe) (?:'[^']*'|"[^"]*"|[^|#>'"])*)""")]
    private static partial Regex Ours();

    [GeneratedRegex(@"(?:[^\s'""]|'[^']*'|""[^""]*"")+")]
    private static partial Regex Word();

    [GeneratedRegex("#.*$|\\|\\| .*$")]
    private static partial Regex Comment();

    [GeneratedRegex(@"\]\(([^)#:]*[./][^)#:]*)(?:#[^)]*)?\)")]
    private static partial Regex Link();
}
