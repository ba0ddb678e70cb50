using System.Text.Json;
using Kdump.Diagnosis.Crashes;

namespace Kdump.Sources.Records;

/// <summary>One line of JSON for the result of one unit, from a worker and in an export.</summary>
public static class JudgedJson
{
    public static string Write(Judged judged)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            Array(json, "inputs", judged.Inputs, Input);
            Array(json, "machines", judged.Machines, Machine);
            Array(json, "crashes", judged.Crashes, Crash);
            json.WriteEndObject();
        }
        return System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    /// <exception cref="JsonException">It is not what <see cref="Write"/> made.</exception>
    public static Judged Read(string line)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(line);
            JsonElement root = json.RootElement;
            return new([.. root.GetProperty("inputs").EnumerateArray().Select(InputOf)],
                [.. root.GetProperty("machines").EnumerateArray().Select(MachineOf)],
                [.. root.GetProperty("crashes").EnumerateArray().Select(CrashOf)]);
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new JsonException(e.Message, e);
        }
    }

    public static void Crash(Utf8JsonWriter json, CrashRecord c)
    {
        json.WriteString("id", c.Id);
        json.WriteString("machine", c.Machine);
        json.WriteString("release", c.Release);
        if (c.Time is long time)
            json.WriteNumber("time", time);
        json.WriteString("timeFrom", c.TimeFrom);
        json.WriteString("title", c.Shape.Title);
        json.WriteString("kind", c.Shape.Kind);
        json.WriteString("function", c.Shape.Function);
        json.WriteString("module", c.Shape.Module);
        json.WriteString("signature", c.Shape.Signature);
        json.WriteString("class", c.Shape.Class);
        Texts(json, "altTitles", c.Shape.AltTitles);
        Texts(json, "stack", c.Shape.Stack);
        json.WriteBoolean("fatal", c.Fatal);
        json.WriteBoolean("requested", c.Requested);
        json.WriteString("headline", c.Headline);
        Texts(json, "causes", c.Causes);
        json.WriteString("fix", c.Fix);
        json.WriteString("outcome", NameOf(c.Outcome));
        json.WriteString("outcomeReason", c.OutcomeReason);
        json.WriteString("outcomeId", c.OutcomeId);
        json.WriteString("outcomeFix", c.OutcomeFix);
        json.WriteString("evidence", c.Evidence);
        json.WriteString("event", c.Event);
        Texts(json, "marks", [.. c.Marks.Select(m => m.ToString())]);
        json.WriteString("profile", c.Profile);
        Texts(json, "others", c.Others);
        Texts(json, "hardware", c.Hardware);
        Texts(json, "fixes", c.Fixes);
    }

    public static string NameOf(DumpOutcome outcome) => outcome switch
    {
        DumpOutcome.Saved => "saved",
        DumpOutcome.Incomplete => "incomplete",
        DumpOutcome.Lost => "lost",
        _ => "not told",
    };

    public static DumpOutcome OutcomeOf(string? name) => name switch
    {
        "saved" => DumpOutcome.Saved,
        "incomplete" => DumpOutcome.Incomplete,
        "lost" => DumpOutcome.Lost,
        _ => DumpOutcome.NotTold,
    };

    public static string NameOf(InputState state) => state switch
    {
        InputState.Judged => "judged",
        InputState.Partly => "partly",
        InputState.Refused => "refused",
        _ => "nothing",
    };

    public static InputState StateOf(string? name) => name switch
    {
        "judged" => InputState.Judged,
        "partly" => InputState.Partly,
        "refused" => InputState.Refused,
        _ => InputState.Nothing,
    };

    private static void Input(Utf8JsonWriter json, InputRecord i)
    {
        json.WriteString("path", i.Path);
        json.WriteString("hash", i.Hash);
        json.WriteNumber("bytes", i.Bytes);
        json.WriteNumber("modified", i.Modified);
        json.WriteString("kind", i.Kind);
        json.WriteString("state", NameOf(i.State));
        json.WriteString("reason", i.Reason);
    }

    private static void Machine(Utf8JsonWriter json, MachineRecord m)
    {
        json.WriteString("key", m.Key);
        json.WriteBoolean("named", m.Named);
        json.WriteString("model", m.Model);
        json.WriteString("source", m.Source);
        Texts(json, "releases", m.Releases);
        json.WriteStartArray("traits");
        foreach ((string name, string value) in m.Traits)
        {
            json.WriteStartArray();
            json.WriteStringValue(name);
            json.WriteStringValue(value);
            json.WriteEndArray();
        }
        json.WriteEndArray();
        if (m.Seen is long seen)
            json.WriteNumber("seen", seen);
    }

    private static InputRecord InputOf(JsonElement e) => new(Needed(e, "path"), Needed(e, "hash"), e.GetProperty("bytes").GetInt64(),
        e.GetProperty("modified").GetInt64(), Needed(e, "kind"), StateOf(Text(e, "state")), Text(e, "reason"));

    private static MachineRecord MachineOf(JsonElement e) => new(Needed(e, "key"), e.GetProperty("named").GetBoolean(), Text(e, "model"),
        TextsOf(e, "releases"),
        [.. e.GetProperty("traits").EnumerateArray().Select(t => new KeyValuePair<string,
            string>(t[0].GetString() ?? "", t[1].GetString() ?? ""))],
        e.TryGetProperty("seen", out JsonElement seen) ? seen.GetInt64() : null) { Source = Text(e, "source") };

    public static CrashRecord CrashOf(JsonElement e)
    {
        var shape = new CrashShape(Needed(e, "signature"), Needed(e, "class"), Needed(e, "kind"), Needed(e, "title"),
            TextsOf(e, "altTitles"),
            Text(e, "function"), Text(e, "module"), TextsOf(e, "stack"));
        return new(Needed(e, "id"), Needed(e, "machine"), shape)
        {
            Release = Text(e, "release"),
            Time = e.TryGetProperty("time", out JsonElement time) ? time.GetInt64() : null,
            TimeFrom = Text(e, "timeFrom"),
            Fatal = e.GetProperty("fatal").GetBoolean(),
            Requested = e.GetProperty("requested").GetBoolean(),
            Headline = Needed(e, "headline"),
            Causes = TextsOf(e, "causes"),
            Fix = Text(e, "fix"),
            Outcome = OutcomeOf(Text(e, "outcome")),
            OutcomeReason = Text(e, "outcomeReason"),
            OutcomeId = Text(e, "outcomeId"),
            OutcomeFix = Text(e, "outcomeFix"),
            Evidence = Needed(e, "evidence"),
            Event = Text(e, "event"),
            Marks = [.. TextsOf(e, "marks").Select(CrashMark.Of)],
            Profile = Text(e, "profile") ?? "",
            Others = TextsOf(e, "others"),
            Hardware = TextsOf(e, "hardware"),
            Fixes = TextsOf(e, "fixes"),
        };
    }

    private static void Array<T>(Utf8JsonWriter json, string name, IReadOnlyList<T> items, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartArray(name);
        foreach (T item in items)
        {
            json.WriteStartObject();
            write(json, item);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void Texts(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static string? Text(JsonElement e, string name) => e.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;

    private static string Needed(JsonElement e, string name) => e.GetProperty(name).GetString() ?? "";

    private static string[] TextsOf(JsonElement e, string name) =>
        [.. e.GetProperty(name).EnumerateArray().Select(t => t.GetString() ?? "")];
}
