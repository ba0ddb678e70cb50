using System.Globalization;
using System.Text.Json;
using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Memory;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary>
/// <c>kdt vmcore read --json</c>: the numbers, hexadecimal as in the text, with what each points at; ranges that are not in the dump
/// stand in an array of their own.
/// </summary>
/// <param name="space">What the addresses belong to: kernel, physical, or a process.</param>
internal sealed class MemoryJson(Vmcore vmcore, KernelMemory memory, AddressBrief brief, string space, int? pid, TextWriter output)
{
    private const string Schema = "kdt.vmcore.read/1";

    public void Words(VirtualAddress start, long count, int width, bool onlyPointers) => UnreadText.Json(output, vmcore, Schema, json =>
    {
        Head(json, start);
        json.WriteNumber("width", width);
        List<MemoryPart> missing = [];
        json.WriteStartArray("words");
        foreach (MemoryPart part in MemoryWalk.Of(memory, start, count, width))
        {
            if (part.State != MemoryState.Present)
            {
                missing.Add(part);
                continue;
            }
            string what = width == 8 ? brief.Of(part.Value) : "";
            if (onlyPointers && what.Length == 0)
                continue;
            json.WriteStartObject();
            json.WriteString("address", part.At.ToString());
            json.WriteString("value", part.Value.ToString("x" + 2 * width, CultureInfo.InvariantCulture));
            if (what.Length > 0)
                json.WriteString("pointsAt", what);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("missing");
        foreach (MemoryPart part in missing)
            Missing(json, part.At, part.Count * width, part.State);
        json.WriteEndArray();
    });

    public void Text(VirtualAddress start, int limit) => UnreadText.Json(output, vmcore, Schema, json =>
    {
        Head(json, start);
        (string text, MemoryState state, VirtualAddress end) = MemoryWalk.Text(memory, start, limit);
        json.WriteString("text", state == MemoryState.Present || text.Length > 0 ? text : null);
        json.WriteStartArray("missing");
        // Where a text that goes on there would end is not known.
        if (state != MemoryState.Present)
            Missing(json, end, null, state);
        json.WriteEndArray();
    });

    private void Head(Utf8JsonWriter json, VirtualAddress start)
    {
        json.WriteString("address", start.ToString());
        json.WriteString("space", space);
        if (pid is { } process)
            json.WriteNumber("pid", process);
    }

    private static void Missing(Utf8JsonWriter json, VirtualAddress at, long? bytes, MemoryState state)
    {
        json.WriteStartObject();
        json.WriteString("address", at.ToString());
        if (bytes is { } count)
            json.WriteNumber("bytes", count);
        json.WriteString("state", state.ToString().ToLowerInvariant());
        json.WriteEndObject();
    }
}
