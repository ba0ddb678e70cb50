using System.Text.Json;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Memory;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary>
/// What a view could not read, and what follows for its answer: on standard error, in its JSON, and in the exit code. The same for all of
/// them: memory that was asked for tells it by itself (<see cref="UnreadMemory"/>), walks tell the records that they gave up.
/// </summary>
internal static class UnreadText
{
    private const int ShownRecords = 10, ShownPlaces = 16;

    /// <summary>Records that a walk of this view gave up.</summary>
    public static void Lost(Vmcore vmcore, IReadOnlyList<Damage> damages) => vmcore.Unread.Current.Add(damages);

    /// <summary>The same as the field of a view's JSON that counts them.</summary>
    public static void Lost(Utf8JsonWriter json, Vmcore vmcore, IReadOnlyList<Damage> damages)
    {
        Lost(vmcore, damages);
        json.WriteNumber("damaged", damages.Count);
    }

    /// <summary>A sentence that says that there is none of something; where not all could be read it holds for the rest only.</summary>
    public static string None(Vmcore vmcore, string sentence) =>
        vmcore.Unread.Current.Any ? $"in what could be read, which is not all: {sentence}" : sentence;

    /// <summary>One JSON object of a view, with what it could not read as its last field; nothing unread, no such field.</summary>
    public static void Json(TextWriter output, Vmcore vmcore, string schema, Action<Utf8JsonWriter> fields) =>
        JsonText.Write(output, schema, json =>
        {
            fields(json);
            Unread unread = vmcore.Unread.Current;
            if (!unread.Any)
                return;
            json.WriteStartObject("unread");
            json.WriteString("means", Means(schema.Split('.', '/')[2]));
            json.WriteNumber("pages", unread.Pages);
            foreach (MemoryState state in (MemoryState[])[MemoryState.Excluded, MemoryState.Absent, MemoryState.Damaged])
                json.WriteNumber(state.ToString().ToLowerInvariant(), unread.Count(state));
            json.WriteStartArray("places");
            foreach ((VirtualAddress address, MemoryState state) in unread.Places.Take(ShownPlaces))
            {
                json.WriteStartObject();
                json.WriteString("address", address.ToString());
                json.WriteString("state", state.ToString().ToLowerInvariant());
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteNumber("records", unread.RecordCount);
            json.WriteStartArray("lost");
            foreach (Damage damage in unread.Records)
                json.WriteStringValue($"{damage.Field}: {damage.Reason}");
            json.WriteEndArray();
            json.WriteEndObject();
        });

    /// <summary>Says what is missing, and gives the exit code that goes with it.</summary>
    /// <param name="view">The command of kdt vmcore.</param>
    /// <param name="code">What the command itself ended with.</param>
    public static int Tell(Context context, Vmcore vmcore, Unread unread, string view, int code)
    {
        if (!unread.Any)
            return code;
        unread.Told = true;
        TextWriter error = context.Error;
        foreach (Damage damage in unread.Records.Take(ShownRecords))
            error.WriteLine($"kdt: {Printable.Escape(damage.ToString())}");
        if (unread.RecordCount > ShownRecords)
            error.WriteLine($"kdt: … and {unread.RecordCount - ShownRecords} more");
        error.WriteLine($"kdt: {Printable.Escape(vmcore.Dump.Name)}: {What(vmcore, unread)}: {Means(view)}");
        return Math.Max(code, ExitCode.Found);
    }

    private static string What(Vmcore vmcore, Unread unread)
    {
        if (unread.Pages == 0)
            return unread.RecordCount == 1 ? "a record could not be read" : $"{unread.RecordCount} records could not be read";
        List<string> parts = [];
        Add(MemoryState.Excluded, vmcore.Dump.Info.DumpLevel is int level ? $"left out of it (-d {level})" : "left out of it");
        Add(MemoryState.Absent, vmcore.Dump.Incomplete ? "not in it, it is cut off" : "not in it");
        Add(MemoryState.Damaged, "damaged");
        string first = unread.Places.Count > 0 ? $", the first at {unread.Places[0].Address}" : "";
        return $"pages that were needed and could not be read: {string.Join(", ", parts)}{first}";

        void Add(MemoryState state, string words)
        {
            if (unread.Count(state) is > 0 and var count)
                parts.Add($"{count} {words}");
        }
    }

    /// <summary>What follows for the answer of a view.</summary>
    public static string Means(string view) => Consequences.GetValueOrDefault(view, "what is shown may not be all");

    /// <summary>By the name of the command, or that of its JSON where that is another.</summary>
    private static readonly Dictionary<string, string> Consequences = new(StringComparer.Ordinal)
    {
        ["address"] = "what is at the address may not be told",
        ["block"] = "disks, partitions and unfinished requests may be missing",
        ["bpf"] = "programs and maps may be missing",
        ["bt"] = "tasks may be missing, stacks may end early",
        ["cgroups"] = "groups and what they used may be missing",
        ["clr"] = "threads, frames, locks and objects may be missing",
        ["devices"] = "devices and their drivers may be missing",
        ["disasm"] = "code and what its operands held may be missing",
        ["files"] = "open files may be missing",
        ["gcore"] = "the core has holes",
        ["groups"] = "tasks may be missing, stacks may end early",
        ["info"] = "what it tells may not be all",
        ["ipc"] = "objects and who waits for them may be missing",
        ["irq"] = "interrupts, counts and vectors may be missing",
        ["locks"] = "locks, holders, waiters and deadlocks may be missing",
        ["log"] = "lines may be missing",
        ["memory"] = "counts may be missing",
        ["modules"] = "modules may be missing",
        ["mounts"] = "mounts and file systems may be missing",
        ["net"] = "interfaces, addresses and sockets may be missing",
        ["oom"] = "processes and groups may be missing, sums may be too small",
        ["print"] = "values may be missing",
        ["ps"] = "tasks and facts of them may be missing",
        ["rd"] = "values may be missing",
        ["read"] = "values may be missing",
        ["report"] = "causes may be missing",
        ["runq"] = "CPUs and what they ran may be missing",
        ["search"] = "places may be missing",
        ["signals"] = "signals and handlers may be missing",
        ["slab"] = "caches and objects may be missing",
        ["struct"] = "values may be missing",
        ["swap"] = "swap devices may be missing",
        ["sym"] = "symbols may be missing",
        ["sys"] = "what it tells may not be all",
        ["timers"] = "timers may be missing",
        ["union"] = "values may be missing",
        ["verify"] = "what damaged pages held may not be told",
        ["vm"] = "areas and pages may be missing",
        ["vmalloc"] = "areas may be missing",
        ["vtop"] = "what the page holds may not be told",
        ["whatis"] = "types may be missing",
        ["zones"] = "zones may be missing",
        ["workqueues"] = "pools, workers and what waits may be missing",
    };

    /// <summary>Whether a view has its own words for what follows.</summary>
    internal static bool Knows(string view) => Consequences.ContainsKey(view);
}
