using System.Globalization;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Kernel;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Views;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary><c>kdt vmcore gcore</c>: what the core has and what it lacks.</summary>
internal static class CoreView
{
    private static Table<(ProcessArea Area, CorePages Pages)> Holes(int page) => new(
        new("start", "START", h => h.Area.Area.Start.ToString()) { Text = h => $"{h.Area.Area.Start.Value:x12}" },
        new("end", "END", h => h.Area.Area.End.ToString()) { Text = h => $"{h.Area.Area.End.Value:x12}" },
        new("permissions", "PERM", h => h.Area.Area.Permissions),
        new("pages", "PAGES", h => (long)(h.Area.Area.Bytes / (ulong)page)) { Right = true },
        new("mapped", "MAPPED", h => h.Pages.Mapped) { Right = true },
        new("fromCache", "CACHE", h => h.Pages.FromCache) { Right = true },
        new("fromFile", "FILE", h => h.Pages.FromFile) { Right = true },
        new("zero", "ZERO", h => h.Pages.Zero) { Right = true },
        new("excluded", "EXCLUDED", h => h.Pages.Excluded) { Right = true },
        new("swapped", "SWAPPED", h => h.Pages.Swapped) { Right = true },
        new("notRead", "NOT-READ", h => h.Pages.NotRead) { Right = true },
        new("lost", "LOST", h => h.Pages.Lost) { Right = true },
        new("name", "NAME", h => h.Area.Name));

    public static void Text(Context context, Vmcore vmcore, ProcessCore core, string path)
    {
        CorePages total = core.Total;
        TextWriter output = context.Output;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Printable.Escape(path)}: " +
                $"{Printable.Escape(core.Memory.Task.Comm)} ({core.Memory.Task.Tgid}), {Counted.Of(core.Notes.With.Count, "thread")}, " +
                $"{Counted.Of(core.Memory.Areas.Count, "area")} in {Counted.Of(core.Segments, "segment")}"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"present: {Counted.Of(total.There, "page")} ({total.Mapped} mapped, {total.FromCache} from the page cache, " +
                $"{total.FromFile} from files, " +
                $"{total.Zero} zero)"));
        output.WriteLine(total.Missing == 0 ? "missing: nothing" : string.Create(CultureInfo.InvariantCulture,
            $"missing: {Counted.Of(total.Missing, "page")} ({total.Excluded} left out of the dump, " +
                $"{total.Swapped} on swap, {total.NotRead} of files but not in memory, {total.Lost} lost or device memory)"));
        if (core.Advice is { } advice)
            output.WriteLine(advice);
        if (total.NotRead > 0)
            output.WriteLine("file pages that were not in memory: --sysroot DIR reads them from files with the same build id");
        foreach (TaskStruct thread in core.Notes.Without)
            output.WriteLine($"thread {thread.Pid} ({Printable.Escape(thread.Comm)}) is not in the core: " +
                "its registers are not in the dump");
        foreach ((string file, string reason) in core.NotUsed)
            output.WriteLine($"not used: {Printable.Escape(file)}: {reason}");
        (ProcessArea, CorePages)[] holes = [.. core.Areas.Where(a => a.Pages.Missing > 0)];
        if (holes.Length > 0)
        {
            output.WriteLine();
            output.WriteLine("Areas with holes:");
            Holes(core.Pages.Size).Text(output, holes);
        }
        UnreadText.Lost(vmcore, core.Damages);
    }

    public static void Json(TextWriter output, Vmcore vmcore, ProcessCore core, string path) =>
        UnreadText.Json(output, vmcore, "kdt.vmcore.gcore/1", json =>
    {
        json.WriteString("file", path);
        json.WriteNumber("pid", core.Memory.Task.Tgid);
        json.WriteNumber("threads", core.Notes.With.Count);
        json.WriteNumber("threadsWithoutRegisters", core.Notes.Without.Count);
        json.WriteNumber("segments", core.Segments);
        json.WriteNumber("pagesThere", core.Total.There);
        json.WriteNumber("pagesMissing", core.Total.Missing);
        json.WriteString("advice", core.Advice);
        Holes(core.Pages.Size).Json(json, "areas", core.Areas);
        json.WriteStartArray("notUsed");
        foreach ((string file, string reason) in core.NotUsed)
        {
            json.WriteStartObject();
            json.WriteString("file", file);
            json.WriteString("reason", reason);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        UnreadText.Lost(json, vmcore, core.Damages);
    });
}
