using System.Globalization;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Expressions;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Views;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary><c>kdt vmcore memory --at</c>: what an address is.</summary>
internal sealed class AddressView
{
    private readonly Vmcore vmcore;
    private readonly AddressFacts facts;
    private readonly List<(string Name, string Value)> lines = [];

    private AddressView(Vmcore vmcore, AddressFacts facts)
    {
        this.vmcore = vmcore;
        this.facts = facts;
        lines.Add(("address", facts.Address.ToString()));
        lines.Add(("memory", facts.State == MemoryState.Present ? "in the dump" : facts.State.Words()));
        if (facts.Physical is { } physical)
            lines.Add(("physical", physical.ToString()));
        if (facts.Symbol is { } symbol)
            lines.Add(("symbol", symbol.ToString()));
        if (facts.Module is { } module)
            lines.Add(("module", module));
        if (facts.Task is { } task)
            lines.Add(("task", $"task_struct of {task.Comm} ({task.Pid}), at +0x{facts.Address.Value - task.Address.Value:x}"));
        if (facts.Stack is { } stack)
            lines.Add(("stack", $"kernel stack of {stack.Comm} ({stack.Pid})"));
        if (facts.CpuStack is { } cpuStack)
            lines.Add(("stack", cpuStack));
        if (facts.PerCpu is { } place)
            lines.Add(("per-CPU", $"CPU {place.Cpu}{(place.Variable is { } v ? $", {v}" : "")}"));
        if (facts.Area is { } area)
            lines.Add(
                ("vmalloc",
                $"{string.Join(',', area.Kinds)} area {area.Start}, " +
                    $"{Counted.Of(area.Size, "byte")}{(area.Caller is { } by ? $", by {by}" : "")}"));
        if (facts.Slab is { } slab)
            lines.Add(("slab", $"{slab.Cache}, object {slab.Start} of {Counted.Of(slab.Size, "byte")}, at +0x{slab.Offset:x}: " +
                $"{slab.State}"));
        if (facts.PageOf is { } of)
            lines.Add(("struct page", $"of frame {of}"));
        if (facts.Page is { } page)
        {
            string head = page.Head == page.Struct ? "" : $", tail of {page.Head}";
            string mapping = page.Anonymous is bool anonymous ? $", {(anonymous ? "anon_vma" : "address_space")} {page.Mapping}" : "";
            lines.Add(("page", $"frame {page.Pfn}, struct page {page.Struct}{head}, {Counted.Of(page.References, "reference")}{mapping}"));
            lines.Add(
                ("page is",
                $"{page.Type ?? "of unknown type"}; flags {(page.Flags.Count == 0 ? "none" : string.Join(',', page.Flags))}"));
        }
    }

    /// <exception cref="InputException">The text is neither a number nor a symbol.</exception>
    public static AddressView Of(Vmcore vmcore, string text)
    {
        string digits = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text[2..] : text;
        VirtualAddress address = vmcore.FindAnySymbol(text) ?? TracePlace.Parse(text)?.In(vmcore) ??
            (ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong value)
                ? new VirtualAddress(value)
                : throw new InputException(vmcore.Dump.Name, "--at", -1,
                    $"\"{text}\" is neither a hexadecimal address nor a symbol of this kernel"));
        return new AddressView(vmcore, new AddressUse(vmcore, vmcore.Tasks.Value).Of(address));
    }

    public void Text(Context context)
    {
        foreach ((string name, string value) in lines)
            context.Output.WriteLine($"{name,-11} {Printable.Escape(value)}");
        UnreadText.Lost(vmcore, facts.Damages);
    }

    public void Json(TextWriter output) => UnreadText.Json(output, vmcore, "kdt.vmcore.address/1", json =>
    {
        json.WriteString("address", facts.Address.ToString());
        json.WriteString("state", facts.State.ToString().ToLowerInvariant());
        json.WriteString("physical", facts.Physical?.ToString());
        json.WriteString("symbol", facts.Symbol?.ToString());
        json.WriteString("module", facts.Module);
        if (facts.Stack is { } stack)
            json.WriteNumber("stackOfPid", stack.Pid);
        if (facts.Task is { } task)
            json.WriteNumber("taskPid", task.Pid);
        if (facts.PerCpu is { } place)
        {
            json.WriteNumber("perCpu", place.Cpu);
            json.WriteString("perCpuVariable", place.Variable?.ToString());
        }
        json.WriteString("vmallocStart", facts.Area?.Start.ToString());
        if (facts.Slab is { } slab)
        {
            json.WriteString("slabCache", slab.Cache);
            json.WriteString("objectStart", slab.Start.ToString());
            json.WriteNumber("objectOffset", slab.Offset);
            json.WriteString("objectState", slab.State);
        }
        if (facts.Page is { } page)
        {
            json.WriteString("pageStruct", page.Struct.ToString());
            json.WriteString("pageType", page.Type);
            json.WriteStartArray("pageFlags");
            foreach (string flag in page.Flags)
                json.WriteStringValue(flag);
            json.WriteEndArray();
        }
        UnreadText.Lost(json, vmcore, facts.Damages);
    });
}
