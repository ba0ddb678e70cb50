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
internal sealed class SearchText(Context context, Vmcore vmcore, int most, bool asked)
{
    /// <summary>Limit for a range: searching the whole address space page by page would take minutes.</summary>
    private const ulong MaxRange = 1UL << 37;

    private readonly AddressBrief brief = new(vmcore);

    public void Everywhere(MemorySearch search)
    {
        (IReadOnlyList<PhysicalAddress> found, long count) = search.Everywhere(vmcore.Dump, most);
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
            context.Output.WriteLine($"{physical}  {(known is { } v ? $"{v:x16}  {brief.Of(v)}" : "")}".TrimEnd());
        }
        Total(count);
        PageCounts pages = vmcore.Dump.Count();
        if (pages.Excluded > 0)
            context.Output.WriteLine($"{Counted.Of(pages.Excluded, "page", "was", "were")} excluded from the dump and not searched");
        if (pages.Damaged > 0 || vmcore.Dump.Incomplete)
            UnreadText.Lost(vmcore, [new Damage(vmcore.Dump.Name, "search", -1, pages.Damaged > 0
                ? $"{Counted.Of(pages.Damaged, "page")} of the dump cannot be read" : "the dump is not complete")]);
    }

    public void Between(MemorySearch search, VirtualAddress from, VirtualAddress to)
    {
        if (to <= from || to.Value - from.Value > MaxRange)
            throw new ExpressionException(0, $"{from} to {to} is not a range of at most {MaxRange >> 30} GiB");
        long missing = 0, count = 0;
        foreach (VirtualAddress at in search.Between(vmcore.Memory, from, to, state => missing += state == MemoryState.Unmapped ? 0 : 1))
            if (++count <= most)
                context.Output.WriteLine($"{at}  {brief.Of(at.Value)}".TrimEnd());
        Total(count);
        if (missing > 0)
            context.Output.WriteLine($"not in the dump: {Counted.Of(missing, "page")} of the range");
    }

    public void Stacks(MemorySearch search)
    {
        long count = 0, missing = 0;
        foreach (TaskStruct task in vmcore.Tasks.Need(vmcore.Dump.Name, "tasks").All)
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
                    context.Output.WriteLine($"{at}  stack of {Printable.Escape(task.Comm)} ({task.Pid})");
        }
        Total(count);
        if (missing > 0)
            context.Output.WriteLine($"not in the dump: {Counted.Of(missing, "page")} of stacks");
    }

    private void Total(long count)
    {
        context.Output.WriteLine(count > most ? $"{most} of {Counted.Of(count, "place", "is", "are")} shown (--limit)"
            : $"{Counted.Of(count, "place")}");
        // An answer that ends at the default limit is incomplete; with --limit it is what the user asked for.
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
