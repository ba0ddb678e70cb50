using System.Text.Json;

namespace Kdump.Sources.Gather;

/// <summary>What a collection holds and what it does not: <c>collect.json</c>, by which the other commands recognise one.</summary>
public sealed class Manifest
{
    public const string FileName = Machines.CollectedMachine.ManifestName;
    public const string Schema = "kdt.host.collect/1";

    /// <summary>Maximum number of reasons listed one by one; the rest is only counted.</summary>
    private const int MaxListed = 5000;

    private readonly List<(string Path, string Reason)> unreadable = [];
    private readonly List<(string Path, long Kept)> cut = [];
    private readonly List<(GatherProgram Program, ProgramResult Result)> programs = [];

    public long Files { get; private set; }

    public long Bytes { get; private set; }

    public List<string> Masked { get; } = [];

    public long Skipped { get; private set; }

    public IEnumerable<IGrouping<string, string>> Reasons => unreadable.GroupBy(u => u.Reason, u => u.Path);

    public IEnumerable<(GatherProgram Program, ProgramResult Result)> Failures => programs.Where(p => p.Result.Failure is not null);

    public void Count(long bytes)
    {
        Files++;
        Bytes += bytes;
    }

    public void Skip(string path, string reason)
    {
        Skipped++;
        if (unreadable.Count < MaxListed)
            unreadable.Add((path, reason));
    }

    public void Cut(string path, long kept) => cut.Add((path, kept));

    public void Ran(GatherProgram program, ProgramResult result) => programs.Add((program, result));

    public void Write(Utf8JsonWriter json, string kdt, string host, string kernel, DateTimeOffset when, bool root, bool live)
    {
        json.WriteString("kdt", kdt);
        json.WriteString("date", when.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture));
        json.WriteString("host", host);
        json.WriteString("kernel", kernel);
        json.WriteBoolean("root", root);
        json.WriteBoolean("live", live);
        json.WriteNumber("files", Files);
        json.WriteNumber("bytes", Bytes);
        json.WriteStartArray("unreadable");
        foreach ((string path, string reason) in unreadable)
        {
            json.WriteStartObject();
            json.WriteString("path", path);
            json.WriteString("reason", reason);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteNumber("unreadableCount", Skipped);
        json.WriteStartArray("cut");
        foreach ((string path, long kept) in cut)
        {
            json.WriteStartObject();
            json.WriteString("path", path);
            json.WriteNumber("kept", kept);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("masked");
        foreach (string path in Masked)
            json.WriteStringValue(path);
        json.WriteEndArray();
        json.WriteStartArray("secrets");
        foreach (string rule in Secrets.Policy)
            json.WriteStringValue(rule);
        json.WriteEndArray();
        json.WriteStartArray("commands");
        foreach ((GatherProgram program, ProgramResult result) in programs)
        {
            json.WriteStartObject();
            json.WriteString("name", program.Name);
            json.WriteString("command", string.Join(' ', program.Command));
            if (result.Exit is int exit)
                json.WriteNumber("exit", exit);
            json.WriteNumber("seconds", Math.Round(result.Seconds, 2));
            if (result.Failure is not null)
                json.WriteString("failure", result.Failure);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
