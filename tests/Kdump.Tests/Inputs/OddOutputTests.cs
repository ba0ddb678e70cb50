using Kdump.Cli.Reports;
using Kdump.Cli.Terminals;
using Kdump.FleetCli;
using Kdump.Formats.Bytes;
using Kdump.Tests.Host;
using Kdump.Tests.MachineChecks;

namespace Kdump.Tests.Inputs;

/// <summary>
/// Every option that names a file, given a pipe that nobody opens at its other end, a socket or a folder: the command ends with
/// exit code 2, says what is there, and leaves it there.
/// </summary>
public sealed class OddOutputTests : IDisposable
{
    /// <summary>A test that waits for a pipe would never end; a busy machine needs some seconds.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string folder = Directory.CreateTempSubdirectory("kdump-test-").FullName;

    private readonly HostForm machine = new("rhel9"), other = new("debian12");

    public void Dispose()
    {
        machine.Dispose();
        other.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>{root}, {other}: machines; {log}: a log; {odd}: what is tried.</summary>
    public static TheoryData<string> Outputs =>
    [
        "explain {log} -o {odd}", "host check --root {root} -o {odd}", "host diff {root} {other} -o {odd}", "fleet export {store} -o {odd}",
        "fleet top {store} -o {odd}", "fleet watch {empty} --into {store} --rounds 1 --metrics {odd}", "fleet scan {log} --into {odd}",
    ];

    public static TheoryData<string> Inputs =>
    [
        "host check --root {root} --image {odd}", "host memory --root {root} --image {odd}", "host vectors --root {root} --image {odd}",
        "host rehearse --root {root} --image {odd}", "host rehearse --root {root} --image {image} --kernel {odd}",
        "host check --root {odd}", "host collect --root {odd} -o {new}", "image check {image} --root {odd}", "explain --root {odd}",
        "kconfig diff {odd} {log}", "image diff {image} {odd}", "log {log} --similar {odd}", "log diff {log} {odd}",
        "fleet scan {log} --into {store} --redact-key {odd}", "fleet top {odd}", "fleet merge {store} {odd}",
    ];

    [ToolTheory("mkfifo")]
    [MemberData(nameof(Outputs))]
    public async Task A_pipe_that_nobody_reads_gets_no_result(string command)
    {
        Tool.Run("mkfifo pipe", folder);
        Refused(await Ends(command, "pipe"), command, "a named pipe");
        Assert.Equal("pipe", System.Text.Encoding.UTF8.GetString(Tool.Run("find . -type p -name pipe -printf %f", folder)));
    }

    [Theory]
    [MemberData(nameof(Outputs))]
    public async Task A_folder_gets_no_result(string command)
    {
        Directory.CreateDirectory(Path.Combine(folder, "odd"));
        Refused(await Ends(command, "odd"), command, "a folder");
    }

    /// <summary>As --embed and --console open their file.</summary>
    [ToolFact("mkfifo")]
    public void A_file_that_is_always_replaced_is_neither_a_pipe_that_nobody_reads_nor_a_folder()
    {
        Tool.Run("mkfifo pipe; mkdir folder; echo before > file", folder);
        Assert.Contains("a named pipe that nobody reads", Refusal("pipe"), StringComparison.Ordinal);
        Assert.Contains("a folder, not a file", Refusal("folder"), StringComparison.Ordinal);
        Assert.Contains("does not exist", Refusal("nowhere/file"), StringComparison.Ordinal);
        OutputFile.Open(Path.Combine(folder, "file"), "--embed").Dispose();
        Assert.Equal(0, new FileInfo(Path.Combine(folder, "file")).Length);
    }

    [ToolTheory("mkfifo", "cpio")]
    [MemberData(nameof(Inputs))]
    public async Task A_pipe_that_nobody_writes_to_is_refused(string command)
    {
        Tool.Run("mkfifo pipe", folder);
        Answer answer = await Ends(command, "pipe");
        // The log itself was read; only what it should be compared with was not.
        Assert.True(answer.Code is 2 || command.Contains("--similar", StringComparison.Ordinal), answer.ToString());
        Assert.Matches("named pipe|is not a folder", answer.Error);
    }

    [Fact]
    public async Task What_is_named_as_an_image_and_is_a_text_is_refused()
    {
        File.WriteAllText(Path.Combine(folder, "text"), "[    0.000000] Linux version 6.1.0\n");
        foreach (string verb in (string[])["check", "memory", "vectors"])
            Refused(await Ends($"host {verb} --root {{root}} --image {{odd}}", "text"), verb, "not an initramfs: it is text");
    }

    [Fact]
    public async Task A_folder_without_the_files_of_a_machine_is_not_collected()
    {
        Directory.CreateDirectory(Path.Combine(folder, "nothing"));
        Refused(await Ends("host collect --root {odd} -o {new}", "nothing"), "host collect", "contains no files of a machine");
        Assert.False(File.Exists(Path.Combine(folder, "new.tar")));
    }

    /// <summary>A device, as /dev/null is for everyone: it takes the page and stays what it is.</summary>
    [Fact]
    public async Task A_device_takes_a_page()
    {
        Answer answer = await Ends("explain {log} -o /dev/null", "unused");
        Assert.True(answer.Code is 0, answer.ToString());
        Assert.NotNull(FileKind.NotSeekable("/dev/null"));
    }

    private string Refusal(string name) =>
        Assert.Throws<InputException>(() => OutputFile.Open(Path.Combine(folder, name), "--embed")).Message;

    private static void Refused(Answer answer, string command, string why)
    {
        Assert.True(answer.Code == 2, $"{command}: {answer}");
        Assert.Contains(why, answer.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("bug", answer.Error, StringComparison.Ordinal);
    }

    private async Task<Answer> Ends(string command, string odd)
    {
        string[] args = [.. command.Split(' ').Select(word => Placed(word, odd))];
        Task<Answer> run = Task.Run(() => Asked(args));
        Assert.True(await Task.WhenAny(run, Task.Delay(Patience)) == run, $"{command} does not end");
        return await run;
    }

    private static Answer Asked(string[] args)
    {
        if (args[0] != "fleet")
        {
            (int code, string output, string error) = Run.Kdt(args);
            return new(code, output, error);
        }
        using var said = new StringWriter();
        using var faults = new StringWriter();
        return new(KdtFleet.Run(args[1..], said, faults, () => Stream.Null, Terminal.Plain), said.ToString(), faults.ToString());
    }

    private string Placed(string word, string odd) => word switch
    {
        "{odd}" => Path.Combine(folder, odd),
        "{root}" => machine.LayOut(),
        "{other}" => other.LayOut(),
        "{log}" => Written("one.log", "[    0.000000] Linux version 6.1.0 (a@b)\n[    0.000000] Command line: root=/dev/sda1\n"),
        "{image}" => Packed(),
        "{store}" => Store(),
        "{empty}" => Directory.CreateDirectory(Path.Combine(folder, "empty")).FullName,
        "{new}" => Path.Combine(folder, "new.tar"),
        _ => word,
    };

    private string Written(string name, string text)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private string Packed()
    {
        Tool.Run("echo x > init; echo init | cpio -o -H newc > image 2> /dev/null", folder);
        return Path.Combine(folder, "image");
    }

    private string Store()
    {
        string path = Path.Combine(folder, "fleet.db");
        if (!File.Exists(path))
            Assert.Equal(0, Asked(["fleet", "watch", Directory.CreateDirectory(Path.Combine(folder, "arrivals")).FullName, "--into", path,
                "--rounds", "1"]).Code);
        return path;
    }

    private sealed record Answer(int Code, string Output, string Error);
}
