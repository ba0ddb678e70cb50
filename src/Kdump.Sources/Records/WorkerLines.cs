using System.Text.Json;

namespace Kdump.Sources.Records;

/// <summary>
/// The protocol between a scan and its worker processes: a line with a JSON array of paths, answered by one line with their result.
/// </summary>
public static class WorkerLines
{
    /// <summary>The worker: answers until its input ends.</summary>
    public static void Serve(TextReader requests, TextWriter answers)
    {
        while (requests.ReadLine() is { } request)
        {
            answers.WriteLine(JudgedJson.Write(RecordMaker.Of(PathsOf(request))));
            answers.Flush();
        }
    }

    public static string Request(string[] unit)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            foreach (string path in unit)
                json.WriteStringValue(path);
            json.WriteEndArray();
        }
        return System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static string[] PathsOf(string request)
    {
        using JsonDocument json = JsonDocument.Parse(request);
        return [.. json.RootElement.EnumerateArray().Select(p => p.GetString() ?? "")];
    }
}
