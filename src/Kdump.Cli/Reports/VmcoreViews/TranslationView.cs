using System.Globalization;
using System.Text.Json;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Views;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary><c>kdt vmcore vtop</c>: how a virtual address is translated, and whether the dump has its page.</summary>
internal sealed class TranslationView
{
    private readonly VirtualAddress address;
    private readonly IReadOnlyList<PageTableStep> steps;
    private readonly PhysicalAddress? physical;
    private readonly Pfn frame;
    private readonly MemoryState state;
    private readonly PageFacts? page;
    private readonly string what = "";

    public TranslationView(Vmcore vmcore, KernelMemory memory, VirtualAddress address)
    {
        this.address = address;
        steps = memory.Explain(address);
        if (memory.Translate(address, out PhysicalAddress found) != MemoryState.Present)
            return;
        physical = found;
        frame = new Pfn(found.Value / (ulong)vmcore.Dump.PageSize);
        state = MemoryStates.Of(vmcore.Dump.State(frame));
        page = new AddressUse(vmcore, vmcore.Tasks.Value).Of(address).Page;
        what = new AddressBrief(vmcore).Of(address.Value);
    }

    private ulong? PageBytes => steps.Count > 0 ? steps[^1].PageBytes : null;

    public void Text(TextWriter output)
    {
        output.WriteLine($"virtual   {address}");
        if (steps.Count == 0)
            output.WriteLine("          is not a valid address: its upper bits are not all equal");
        foreach (PageTableStep step in steps)
            output.WriteLine(step.State == MemoryState.Present ? $"  {step.Level} at {step.At}  {step.Entry:x16}  {step.Flags}"
                : $"  {step.Level} at {step.At}  {step.State.Mark()}");
        if (PageBytes is { } size)
            output.WriteLine("page      " +
                size switch
                {
                    >= 1 << 30 => $"{size >> 30} GiB",
                    >= 1 << 20 => $"{size >> 20} MiB",
                    _ => $"{size >> 10} KiB",
                });
        if (physical is not { } found)
        {
            output.WriteLine(steps.Any(s => s.State != MemoryState.Present) ? "physical  not known: a page table is not in the dump"
                : "physical  none: not mapped");
            return;
        }
        output.WriteLine($"physical  {found}  frame {frame}, {(state == MemoryState.Present ? "in the dump" : state.Words())}");
        if (page is not null)
            output.WriteLine($"struct    page {page.Struct}: {Printable.Escape(page.Type ?? "of unknown type")}");
        if (what.Length > 0)
            output.WriteLine($"holds     {what}");
    }

    public void Json(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("address", address.ToString());
        json.WriteStartArray("tables");
        foreach (PageTableStep step in steps)
        {
            json.WriteStartObject();
            json.WriteString("level", step.Level);
            json.WriteString("at", step.At.ToString());
            json.WriteString("state", step.State.ToString().ToLowerInvariant());
            if (step.State == MemoryState.Present)
            {
                json.WriteString("entry", step.Entry.ToString("x16", CultureInfo.InvariantCulture));
                json.WriteString("flags", step.Flags);
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteString("physical", physical?.ToString());
        if (physical is not null)
        {
            if (PageBytes is { } size)
                json.WriteNumber("pageBytes", size);
            json.WriteString("frame", frame.ToString());
            json.WriteString("state", state.ToString().ToLowerInvariant());
            json.WriteString("pageStruct", page?.Struct.ToString());
            json.WriteString("pageType", page?.Type);
            if (what.Length > 0)
                json.WriteString("what", what);
        }
        json.WriteEndObject();
    }
}
