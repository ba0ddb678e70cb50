using System.Globalization;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Expressions;
using Kdump.Kernel.Arch;
using Kdump.Kernel.Symbols;
using Kdump.Kernel.Unwind;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary>
/// <c>kdt vmcore disasm</c>: the code around the crash or an address, or of a whole function, and why the instruction there failed.
/// </summary>
internal sealed class CodeView
{
    private const int Before = 12, After = 8;

    private readonly Vmcore vmcore;
    private readonly VirtualAddress? marked;
    private readonly Location? function;
    private readonly List<Instruction> shown = [];
    private readonly IReadOnlyList<string> reasons;

    private CodeView(Vmcore vmcore, VirtualAddress at, Registers? registers, bool whole, CodePart part)
    {
        this.vmcore = vmcore;
        Disassembler code = vmcore.Code() ?? throw new InputException(vmcore.Dump.Name, "machine", -1,
            $"{vmcore.Dump.Info.Machine}: instructions of this processor are not known to kdt");
        function = vmcore.Locate(at);
        marked = whole ? null : at;
        VirtualAddress start = function is { } f ? at + -(long)f.Offset : at;
        VirtualAddress end = function is { } g && g.Size is > 0 and < 1 << 20 ? start + (long)g.Size : at + 256;
        IReadOnlyList<Instruction> all = code.Range(start, end);
        int here = all.Count == 0 ? -1 : all.ToList().FindIndex(i => i.Address == at);
        if (part != default)
            shown.AddRange(part.Of(vmcore, code, all, at, start, end));
        else if (whole || here < 0)
            shown.AddRange(whole ? all : code.Range(at, at + 64));
        else
            shown.AddRange(all.Skip(Math.Max(0, here - Before)).Take(Before + After + 1));
        if (shown.Count == 0)
            throw new InputException(vmcore.Dump.Name, "disasm", -1, $"the code at {at} is not in the dump");
        reasons = registers is null ? [] : code.Explain(registers, start);
    }

    /// <param name="place">A symbol (the whole function), an address, or null: where the kernel stopped.</param>
    /// <exception cref="InputException">There is no such place, or its code is not in the dump.</exception>
    public static CodeView Of(Vmcore vmcore, string? place, CodePart part = default)
    {
        if (place is null)
        {
            (VirtualAddress at, Registers? faulted) = Stopped(vmcore) ?? throw new InputException(vmcore.Dump.Name, "disasm", -1,
                "the dump does not show where the kernel stopped: give an address or a symbol");
            return new CodeView(vmcore, at, faulted, whole: false, part);
        }
        if (vmcore.FindAnySymbol(place) is { } symbol)
            return new CodeView(vmcore, symbol, null, whole: true, part);
        if (TracePlace.Parse(place)?.In(vmcore) is { } printed)
            return new CodeView(vmcore, printed, null, whole: false, part);
        int plus = place.IndexOf('+', StringComparison.Ordinal);
        if (plus > 0 && vmcore.FindAnySymbol(place[..plus]) is { } start && Hex(place[(plus + 1)..]) is { } offset)
            return new CodeView(vmcore, start + (long)offset, null, whole: false, part);
        if (Hex(place) is { } address)
            return new CodeView(vmcore, new VirtualAddress(address), null, whole: false, part);
        throw new InputException(vmcore.Dump.Name, "disasm", -1,
            $"\"{place}\" is neither a symbol of this kernel, nor symbol+0xoffset, nor a place as the log prints it, nor an address");
    }

    public void Text(Context context)
    {
        if (function is { } f)
            context.Output.WriteLine($"{Printable.Escape(f.Symbol)}{(f.Module is null ? "" : $" [{Printable.Escape(f.Module)}]")}:");
        VirtualAddress first = shown[0].Address;
        string source = "";
        foreach (Instruction one in shown)
        {
            // The line of the source where it is another than that of the instruction before, for who gave a vmlinux.
            if (function is not null && vmcore.Debug?.At(one.Address, exact: true) is [var place, ..] &&
                SourceText.Of(place) is var its &&
                its != source)
                context.Output.WriteLine(source = its);
            string offset = function is { } g && marked is { } m ? $"+0x{unchecked(one.Address.Value - m.Value + g.Offset):x}"
                : $"+0x{one.Address.Value - first.Value:x}";
            string comment = string.Join("  ",
                new[] { one.Refers is null ? "" : $"<{one.Refers}>", one.Guess is null ? "" : $"; {one.Guess}?" }
                .Where(c => c.Length > 0));
            context.Output.WriteLine(
                $"{(one.Address == marked ? "=>" : "  ")} {one.Address} <{offset}>".PadRight(30) +
                    $"{one.Text}  {Printable.Escape(comment)}".TrimEnd());
        }
        if (reasons.Count == 0)
            return;
        context.Output.WriteLine();
        foreach (string reason in reasons)
            context.Output.WriteLine(Printable.Escape(reason));
    }

    public void Json(TextWriter output) => UnreadText.Json(output, vmcore, "kdt.vmcore.disasm/1", json =>
    {
        json.WriteString("function", function?.Symbol);
        json.WriteString("module", function?.Module);
        json.WriteString("at", marked?.ToString());
        json.WriteStartArray("instructions");
        foreach (Instruction one in shown)
        {
            json.WriteStartObject();
            json.WriteString("address", one.Address.ToString());
            json.WriteString("bytes", Convert.ToHexStringLower(one.Bytes));
            json.WriteString("text", one.Text);
            json.WriteString("refers", one.Refers);
            json.WriteString("guess", one.Guess);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("reasons");
        foreach (string reason in reasons)
            json.WriteStringValue(reason);
        json.WriteEndArray();
    });

    /// <summary>
    /// The place of the exception on the crashed CPU's stack, with its registers; otherwise the return address of panic();
    /// otherwise the CPU's own instruction pointer.
    /// </summary>
    private static (VirtualAddress At, Registers? Faulted)? Stopped(Vmcore vmcore)
    {
        if (vmcore.Crash.Cpu is not { } cpu || !vmcore.Registers.TryGetValue(cpu, out Registers? registers))
            return null;
        Stack stack = vmcore.Stacks().Of(cpu, registers);
        IReadOnlyList<Frame> frames = stack.Frames;
        if (frames.FirstOrDefault(f => f.Kind == FrameKind.Exception && f.Registers is { UserMode: false })?.Registers is { } faulted)
            return (faulted.Ip, faulted);
        for (int i = frames.Count - 2; i >= 0; i--)
            if (frames[i].Location is { Symbol: "panic", Module: null })
                return (frames[i + 1].Ip, null);
        // If the unwinder stopped early, an exception or panic() may be in the rest of the stack.
        if (stack.Stopped is not null || vmcore.Kallsyms.Value is null)
            return null;
        // For a fault, the crash path saves the registers of the fault itself (crash_setup_regs()).
        return (registers.Ip, registers);
    }

    private static ulong? Hex(string text)
    {
        string digits = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text[2..] : text;
        return ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong value) ? value : null;
    }
}
