using System.Runtime.CompilerServices;
using System.Text.Json;
using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Rules;

namespace Kdump.Tests.Crashes;

/// <summary>One log of a corpus, and what its authors expect of it.</summary>
internal sealed record LogCase(string Id, byte[] Log, bool Crash, string Title, string[] Alt, string Function, bool Corrupted,
    bool Panicked);

/// <summary>
/// Logs with expected answers, beside the repository (syzkaller's own test data); absent ones skip the tests that need them.
/// </summary>
internal static class LogCorpus
{
    public static string? Find(string name)
    {
        if (Environment.GetEnvironmentVariable("KDUMP_CORPORA") is { Length: > 0 } moved)
            return Directory.Exists(Path.Combine(moved, name)) ? Path.Combine(moved, name) : null;
        for (DirectoryInfo? d = new FileInfo(ThisFile()).Directory; d is not null; d = d.Parent)
        {
            string there = Path.Combine(d.FullName, "shared", "corpora", name);
            if (Directory.Exists(there))
                return there;
        }
        return null;
    }

    public static IEnumerable<LogCase> Syzkaller() =>
        Directory.EnumerateFiles(Find("syz-public")!, "*.json").Order(StringComparer.Ordinal).Select(path =>
    {
        JsonElement j = JsonDocument.Parse(File.ReadAllText(path)).RootElement;
        string Text(string name) => j.GetProperty(name).GetString() ?? "";
        string function = Text("frame").Length > 0 ? Text("frame") : Text("frame_from_title");
        return new LogCase(Path.GetFileNameWithoutExtension(path), File.ReadAllBytes(Path.ChangeExtension(path, ".log")),
            j.GetProperty("crash").GetBoolean(), Text("title"),
            j.GetProperty("alt").EnumerateArray().Select(a => a.GetString()!).ToArray(), function == "corrupted" ? "" : function,
            j.GetProperty("corrupted").GetBoolean(), j.GetProperty("panicked").GetBoolean());
    });

    public static LogReading Read(byte[] log) =>
        LogReading.Of("log", new MemoryStream(log), [new Dmesg(), new CrashLog(), new DumpWatch(), new DeviceWaits()]);

    public static LogReading Read(string log) => Read(System.Text.Encoding.UTF8.GetBytes(log));

    public static IReadOnlyList<Finding> Findings(LogReading log) => Verdict.From(log.Facts, RuleBook.All).Findings;

    private static string ThisFile([CallerFilePath] string path = "") => path;
}

/// <summary>A fact that needs a folder of logs.</summary>
public sealed class LogCorpusFactAttribute : FactAttribute
{
    public LogCorpusFactAttribute(string corpus)
    {
        if (LogCorpus.Find(corpus) is null)
            Skip = $"needs the folder ../shared/corpora/{corpus} beside the repository, or KDUMP_CORPORA";
    }
}
