using System.Text.Json;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;
using Kdump.Kernel;
using Kdump.Kernel.Expressions;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Views;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary><c>kdt vmcore search</c>: the places found, each with what it is.</summary>
/// <param name="asked">The user gave the limit.</param>
internal sealed class SearchView(Context context, Vmcore vmcore, int most, bool asked)
{
    /// <summary>Limit for a range: searching the whole address space page by page would take minutes.</summary>
    private const ulong MaxRange = 1UL << 37;

    /// <summary>makedumpfile's -d 1: only pages of zeros are excluded.</summary>
    private const int ZeroPagesOnly = 1;

    private readonly AddressBrief brief = new(vmcore);
    private readonly List<Place> places = [];
    private string searched = "";
    private long count, missing;

    /// <summary>A place: its physical address, its virtual address, or both.</summary>
    private sealed record Place(PhysicalAddress? Physical, VirtualAddress? Address, string What, TaskStruct? Task = null);

    public void Everywhere(MemorySearch search)
    {
        searched = "dump";
        (IReadOnlyList<PhysicalAddress> found, count) = search.Everywhere(vmcore.Dump, most);
        ulong? direct = vmcore.Memory.DirectMap ??
            (vmcore.FindSymbol("page_offset_base") is { } at && vmcore.Memory.TryU64(at, out ulong start) ? start : null);
        (ulong Physical, ulong Virtual, ulong Size)? image = Image();
        foreach (PhysicalAddress physical in found)
        {
            ulong? known;
            if (image is { } i && unchecked(physical.Value - i.Physical) < i.Size)
                known = unchecked(physical.Value - i.Physical + i.Virtual);
            else
                known = direct is { } d ? unchecked(d + physical.Value) : null;
            places.Add(new(physical, known is { } address ? new VirtualAddress(address) : null, known is { } v ? brief.Of(v) : ""));
        }
        PageCounts pages = vmcore.Dump.Count();
        bool zeros = vmcore.Dump.Info.DumpLevel == ZeroPagesOnly && !search.FindsZeros;
        missing = zeros ? pages.Damaged : pages.Excluded + pages.Damaged;
        if (!zeros)
            vmcore.Unread.Current.Pass(MemoryState.Excluded, pages.Excluded);
        vmcore.Unread.Current.Pass(MemoryState.Damaged, pages.Damaged);
        if (pages.Damaged == 0 && vmcore.Dump.Incomplete)
            UnreadText.Lost(vmcore, [new Damage(vmcore.Dump.Name, "search", -1, "the dump is not complete")]);
    }

    public void Between(MemorySearch search, VirtualAddress from, VirtualAddress to)
    {
        if (to <= from || to.Value - from.Value > MaxRange)
            throw new ExpressionException(0, $"{from} to {to} is not a range of at most {MaxRange >> 30} GiB");
        searched = "range";
        foreach (VirtualAddress at in search.Between(vmcore.Memory, from, to, state => missing += state == MemoryState.Unmapped ? 0 : 1))
            if (++count <= most)
                places.Add(new(null, at, brief.Of(at.Value)));
    }

    public void Stacks(MemorySearch search)
    {
        searched = "stacks";
        Tasks tasks = vmcore.Tasks.Need(vmcore.Dump.Name, "tasks");
        foreach (TaskStruct task in tasks.All)
        {
            VirtualAddress stack;
            try
            {
                stack = task.StackBase;
            }
            catch (InputException)
            {
                missing++;
                continue;
            }
            if (stack.Value == 0)
                continue;
            foreach (VirtualAddress at in search.Between(vmcore.Memory, stack, stack + vmcore.StackSize, _ => missing++))
                if (++count <= most)
                    places.Add(new(null, at, $"stack of {task.Comm} ({task.Pid})", task));
        }
        UnreadText.Lost(vmcore, tasks.Damages);
    }

    public void Text()
    {
        foreach (Place place in places)
        {
            string address = place.Address is { } at ? $"{at}" : "";
            string where = place.Physical is { } physical ? $"{physical}  {address}" : address;
            context.Output.WriteLine($"{where}  {Printable.Escape(place.What)}".TrimEnd());
        }
        context.Output.WriteLine(count > most ? $"{most} of {Counted.Of(count, "place", "is", "are")} shown (--limit)"
            : $"{Counted.Of(count, "place")}");
        Cut();
        if (missing > 0)
            context.Output.WriteLine(searched switch
            {
                "dump" => $"not searched, because the dump does not have them: {Counted.Of(missing, "page")}",
                "range" => $"not in the dump: {Counted.Of(missing, "page")} of the range",
                _ => $"not in the dump: {Counted.Of(missing, "page")} of stacks",
            });
    }

    public void Json() => UnreadText.Json(context.Output, vmcore, "kdt.vmcore.search/1", json =>
    {
        Cut();
        json.WriteString("searched", searched);
        json.WriteNumber("count", count);
        json.WriteBoolean("more", count > most);
        json.WriteNumber("pagesNotSearched", missing);
        json.WriteStartArray("places");
        foreach (Place place in places)
            Write(json, place);
        json.WriteEndArray();
    });

    private static void Write(Utf8JsonWriter json, Place place)
    {
        json.WriteStartObject();
        if (place.Physical is { } physical)
            json.WriteString("physical", physical.ToString());
        json.WriteString("address", place.Address?.ToString());
        if (place.What.Length > 0)
            json.WriteString("what", place.What);
        if (place.Task is { } task)
            json.WriteNumber("stackOfPid", task.Pid);
        json.WriteEndObject();
    }

    /// <summary>An answer that ends at the default limit is incomplete; with --limit it is what the user asked for.</summary>
    private void Cut()
    {
        if (count > most && !asked)
            UnreadText.Lost(vmcore, [new Damage(vmcore.Dump.Name, "output", -1, $"only the first {most} places are shown")]);
    }

    private (ulong, ulong, ulong)? Image()
    {
        VirtualAddress? start = vmcore.FindSymbol("_text") ?? vmcore.FindSymbol("_stext");
        return start is { } first && vmcore.FindSymbol("_end") is { } end && end > first &&
            vmcore.Memory.Translate(first, out PhysicalAddress physical) == MemoryState.Present
            ? (physical.Value, first.Value, end.Value - first.Value) : null;
    }
}
