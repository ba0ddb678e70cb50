using System.Text.Json;

namespace Kdump.Clr;

/// <summary>The answer as JSON: kdt.vmcore.clr/1.</summary>
internal static class AnswerJson
{
    public static void Write(Stream to, Answer answer)
    {
        using Utf8JsonWriter json = new(to, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("schema", "kdt.vmcore.clr/1");
        json.WriteString("version", answer.Version);
        json.WriteString("buildId", answer.BuildId);
        json.WriteString("dac", answer.Dac);
        json.WriteStartArray("threads");
        foreach (ClrThreadFact thread in answer.Threads)
        {
            json.WriteStartObject();
            json.WriteNumber("osId", thread.OsId);
            json.WriteNumber("managedId", thread.ManagedId);
            json.WriteString("name", thread.Name);
            json.WriteBoolean("alive", thread.Alive);
            json.WriteBoolean("finalizer", thread.Finalizer);
            Frames(json, thread.Frames);
            json.WriteStartArray("waitsFor");
            foreach (ulong wanted in thread.WaitsFor)
                json.WriteStringValue($"0x{wanted:x}");
            json.WriteEndArray();
            if (thread.Exception is { } exception)
            {
                json.WriteStartObject("exception");
                json.WriteString("address", $"0x{exception.Address:x}");
                json.WriteString("type", exception.Type);
                json.WriteString("message", exception.Message);
                Frames(json, exception.Frames);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("deadlocks");
        foreach (IReadOnlyList<ClrThreadFact> circle in answer.Deadlocks())
        {
            json.WriteStartArray();
            foreach (ClrThreadFact thread in circle)
                json.WriteNumberValue(thread.OsId);
            json.WriteEndArray();
        }
        json.WriteEndArray();
        json.WriteStartArray("locks");
        foreach (ClrLockFact held in answer.Locks)
        {
            json.WriteStartObject();
            json.WriteString("object", $"0x{held.Object:x}");
            json.WriteString("type", held.Type);
            if (held.OwnerOsId is { } owner)
                json.WriteNumber("owner", owner);
            else
                json.WriteNull("owner");
            json.WriteNumber("recursion", held.Recursion);
            json.WriteNumber("waiting", held.Waiting);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteNumber("heapObjects", answer.HeapObjects);
        json.WriteNumber("heapBytes", answer.HeapBytes);
        json.WriteStartArray("heap");
        foreach (ClrTypeFact type in answer.Heap)
        {
            json.WriteStartObject();
            json.WriteString("type", type.Type);
            json.WriteNumber("count", type.Count);
            json.WriteNumber("bytes", type.Bytes);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("notes");
        foreach (string note in answer.Notes)
            json.WriteStringValue(note);
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
    }

    private static void Frames(Utf8JsonWriter json, IReadOnlyList<ClrFrameFact> frames)
    {
        json.WriteStartArray("frames");
        foreach (ClrFrameFact frame in frames)
        {
            json.WriteStartObject();
            json.WriteString("ip", $"0x{frame.Ip:x}");
            json.WriteString("sp", $"0x{frame.Sp:x}");
            json.WriteString("name", frame.Name);
            json.WriteBoolean("managed", frame.Managed);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
