using System.Text.Json;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Bytes;
using Kdump.Formats.Dwarf;
using Kdump.Kernel;
using Kdump.Kernel.Symbols;
using Symbol = Kdump.Kernel.Symbols.Symbol;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary>One answer of <c>kdt vmcore sym</c>: a symbol, or an address within one.</summary>
/// <param name="Address">The symbol's address; for an address that was asked for, that one.</param>
internal sealed record SymbolRow(string Name, VirtualAddress Address, char Type, string? Module)
{
    /// <summary>What the user asked for; null in a list.</summary>
    public string? Asked { get; init; }

    /// <summary>The symbol that contains an address that was asked for; null for a symbol itself.</summary>
    public Location? Within { get; init; }

    /// <summary>previous or next: the neighbour of what was asked for.</summary>
    public string? Neighbour { get; init; }

    /// <summary>The places in the source, innermost inlined function first; empty without a vmlinux.</summary>
    public IReadOnlyList<SourcePlace> Source { get; init; } = [];

    public static SymbolRow Of(Symbol symbol) => new(symbol.Name, symbol.Address, symbol.Type, symbol.Module);
}

/// <summary><c>kdt vmcore sym</c>: symbols, each on a line.</summary>
internal static class SymbolsView
{
    public static void Text(Context context, IEnumerable<SymbolRow> rows)
    {
        foreach (SymbolRow row in rows)
        {
            string module = row.Module is null ? "" : $" [{Printable.Escape(row.Module)}]";
            string offset = "", from = "";
            if (row.Within is { } within)
            {
                offset = within.Offset == 0 ? "" : $"+0x{within.Offset:x}";
                from = $"  (from {row.Address + -(long)within.Offset}, {Counted.Of(within.Size, "byte")})";
            }
            context.Output.WriteLine($"{row.Address} ({row.Type}) {Printable.Escape(row.Name)}{offset}{module}{from}");
            foreach (SourcePlace place in row.Source)
                context.Output.WriteLine($"  {SourceText.Of(place)}");
        }
    }

    public static void Json(TextWriter output, Vmcore vmcore, IEnumerable<SymbolRow> rows) =>
        UnreadText.Json(output, vmcore, "kdt.vmcore.sym/1", json =>
        {
            json.WriteStartArray("symbols");
            foreach (SymbolRow row in rows)
                Write(json, row);
            json.WriteEndArray();
        });

    private static void Write(Utf8JsonWriter json, SymbolRow row)
    {
        json.WriteStartObject();
        if (row.Asked is not null)
            json.WriteString("asked", row.Asked);
        if (row.Neighbour is not null)
            json.WriteString("neighbour", row.Neighbour);
        json.WriteString("address", row.Address.ToString());
        json.WriteString("type", row.Type == Symbol.UnknownType ? null : row.Type.ToString());
        json.WriteString("name", row.Name);
        json.WriteString("module", row.Module);
        if (row.Within is { } within)
        {
            json.WriteString("start", (row.Address + -(long)within.Offset).ToString());
            json.WriteNumber("offset", within.Offset);
            json.WriteNumber("size", within.Size);
        }
        if (row.Source.Count > 0)
        {
            json.WriteStartArray("source");
            foreach (SourcePlace place in row.Source)
                SourceText.Json(json, place);
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }
}
