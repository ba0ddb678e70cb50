using System.Text.Json;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Memory;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary>
/// Reports what a view could not read and what that means for its answer: on standard error, in its JSON, and in the exit code.
/// Used by all views: memory reads record failures themselves (<see cref="UnreadMemory"/>), walks report the records that they
/// skipped.
/// </summary>
internal static class UnreadText
{
    private const int ShownRecords = 10, ShownPlaces = 16;

    /// <summary>Reports records that a walk of this view skipped.</summary>
    public static void Lost(Vmcore vmcore, IReadOnlyList<Damage> damages) => vmcore.Unread.Current.Add(damages);

    /// <summary>The same, also written as the field of the view's JSON that counts them.</summary>
    public static void Lost(Utf8JsonWriter json, Vmcore vmcore, IReadOnlyList<Damage> damages)
    {
        Lost(vmcore, damages);
        json.WriteNumber("damaged", damages.Count);
    }

    /// <summary>
    /// A sentence that says that there is none of something; if not everything could be read, it is restricted to what was read.
    /// </summary>
    public static string None(Vmcore vmcore, string sentence) =>
        vmcore.Unread.Current.Any ? $"{sentence} in the part that could be read" : sentence;

    /// <summary>Writes one JSON object of a view; if something could not be read, that is its last field.</summary>
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

    /// <summary>Reports what is missing and returns the exit code for it.</summary>
    /// <param name="view">The command of kdt vmcore.</param>
    /// <param name="code">The exit code of the command itself.</param>
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

    /// <summary>The exit code of a view that puts many questions to a kernel: a failure where none of them can have an answer.</summary>
    public static int OfKernel(Vmcore vmcore) => vmcore.Base.Value is null ? ExitCode.Failed : ExitCode.Fine;

    /// <summary>The reason why a dump could answer no question, if it is the same for all of them.</summary>
    public static void TellNothing(Context context, Vmcore vmcore)
    {
        if (vmcore.Base.Value is null)
            context.Error.WriteLine(
                $"kdt: {Printable.Escape(vmcore.Dump.Name)}: nothing of the kernel could be read: {Printable.Escape(vmcore.Base.Status)}");
    }

    private static string What(Vmcore vmcore, Unread unread)
    {
        if (unread.Pages == 0)
            return unread.RecordCount == 1 ? "a record could not be read" : $"{unread.RecordCount} records could not be read";
        List<string> parts = [];
        Add(MemoryState.Excluded, vmcore.Dump.Info.DumpLevel is int level ? $"excluded from it (-d {level})" : "excluded from it");
        Add(MemoryState.Absent, vmcore.Dump.Incomplete ? "not in it (the dump is truncated)" : "not in it");
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
    public static string Means(string view) => Consequences.GetValueOrDefault(view, "the output may be incomplete");

    /// <summary>By the name of the command, or by the name of its JSON schema if that differs.</summary>
    private static readonly Dictionary<string, string> Consequences = new(StringComparer.Ordinal)
    {
        ["address"] = "what is at the address may be missing",
        ["block"] = "disks, partitions and unfinished requests may be missing",
        ["bpf"] = "programs and maps may be missing",
        ["bt"] = "tasks may be missing, stacks may end early",
        ["cgroups"] = "groups and what they used may be missing",
        ["clr"] = "threads, frames, locks and objects may be missing",
        ["devices"] = "devices and their drivers may be missing",
        ["disasm"] = "code and values of operands may be missing",
        ["files"] = "open files may be missing",
        ["gcore"] = "the core has holes",
        ["groups"] = "tasks may be missing, stacks may end early",
        ["info"] = "the output may be incomplete",
        ["ipc"] = "objects and their waiters may be missing",
        ["irq"] = "interrupts, counts and vectors may be missing",
        ["locks"] = "locks, holders, waiters and deadlocks may be missing",
        ["log"] = "lines may be missing",
        ["memory"] = "counts may be missing",
        ["modules"] = "modules may be missing",
        ["mounts"] = "mounts and file systems may be missing",
        ["net"] = "interfaces, addresses and sockets may be missing",
        ["oom"] = "processes and groups may be missing, sums may be too small",
        ["print"] = "values may be missing",
        ["ps"] = "tasks and facts about them may be missing",
        ["rd"] = "values may be missing",
        ["read"] = "values may be missing",
        ["report"] = "causes may be missing",
        ["runq"] = "CPUs and what they ran may be missing",
        ["search"] = "places may be missing",
        ["signals"] = "signals and handlers may be missing",
        ["slab"] = "caches and objects may be missing",
        ["slabobjects"] = "objects of the cache may be missing",
        ["struct"] = "values may be missing",
        ["swap"] = "swap devices may be missing",
        ["sym"] = "symbols may be missing",
        ["sys"] = "the output may be incomplete",
        ["timers"] = "timers may be missing",
        ["union"] = "values may be missing",
        ["verify"] = "the content of damaged pages may not be named",
        ["vm"] = "areas and pages may be missing",
        ["vmalloc"] = "areas may be missing",
        ["vtop"] = "the content of the page may not be named",
        ["whatis"] = "types may be missing",
        ["zones"] = "zones may be missing",
        ["workqueues"] = "pools, workers and pending work may be missing",
    };

    /// <summary>True if a view has its own text for the consequence.</summary>
    internal static bool Knows(string view) => Consequences.ContainsKey(view);
}
