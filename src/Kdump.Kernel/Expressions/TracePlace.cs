using System.Globalization;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Symbols;

namespace Kdump.Kernel.Expressions;

/// <summary>
/// A place as a kernel's log prints it, <c>NAME+0xOFFSET/0xSIZE [MODULE]</c> (%pS of lib/vsprintf.c); NAME may also be that of a module,
/// whose code begins there, where the log's kernel had no symbols of it.
/// </summary>
/// <param name="Size">Size of the function in bytes: it tells static functions of one name apart.</param>
public sealed record TracePlace(string Name, ulong Offset, ulong? Size, string? Module)
{
    /// <summary>False if the text may as well be an expression: <c>NAME+0xOFFSET</c>.</summary>
    public bool IsCertain => Size is not null || Module is not null || Name.Contains('.', StringComparison.Ordinal);

    /// <summary>Words of a command line; <c>[nvme]</c> and <c>[nvme 0123abcd]</c> are joined with the place before them.</summary>
    public static IEnumerable<string> Joined(IReadOnlyList<string> words)
    {
        for (int i = 0; i < words.Count; i++)
        {
            string word = words[i];
            if (i + 1 < words.Count && words[i + 1].StartsWith('[') && word.Contains('+', StringComparison.Ordinal))
                do
                    word = $"{word} {words[++i]}";
                while (!word.EndsWith(']') && i + 1 < words.Count);
            yield return word;
        }
    }

    /// <summary>The place that a text is; null for any other text, <c>name+1</c> and other expressions included.</summary>
    public static TracePlace? Parse(string text)
    {
        string place = text.Trim();
        string? module = null;
        if (place.EndsWith(']') && place.IndexOf(" [", StringComparison.Ordinal) is > 0 and var bracket)
        {
            // A build id may follow the name: [nvme 0123abcd].
            module = place[(bracket + 2)..^1].Split(' ')[0];
            place = place[..bracket].TrimEnd();
        }
        int slash = place.IndexOf('/', StringComparison.Ordinal), plus = place.IndexOf('+', StringComparison.Ordinal);
        if (plus <= 0 || (slash >= 0 && slash < plus))
            return null;
        string name = place[..plus];
        ulong? offset = Number(place[(plus + 1)..(slash < 0 ? place.Length : slash)]);
        ulong? size = slash < 0 ? null : Number(place[(slash + 1)..]);
        bool named = name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.');
        bool whole = named && offset is not null && (slash < 0 || size is not null);
        return whole && module != "" ? new TracePlace(name, offset!.Value, size, module) : null;
    }

    /// <summary>Its address; null if nothing has its name, so that the text may be an expression.</summary>
    /// <exception cref="ExpressionException">Several symbols have the name and the size.</exception>
    public VirtualAddress? In(CrashedKernel kernel)
    {
        Symbol[] found = [.. Named(kernel).DistinctBy(s => s.Address)];
        if (found.Length > 1 && Size is { } size)
            found = [.. found.Where(s => kernel.Locate(s.Address)?.Size == size)];
        if (found.Length > 1)
            throw new ExpressionException(0, $"{found.Length} symbols are called '{Name}': their addresses are " +
                string.Join(", ", found.Take(4).Select(s => $"{s.Address}")), Name);
        if (found.Length == 1)
            return found[0].Address + (long)Offset;
        return kernel.Modules.Value?.All.FirstOrDefault(m => m.Name == Name.Replace('-', '_'))?.Ranges is [var code, ..]
            ? code.Start + (long)Offset : null;
    }

    private IEnumerable<Symbol> Named(CrashedKernel kernel)
    {
        Symbol[] own = Module is null ? [.. kernel.Kallsyms.Value?.FindAll(Name) ?? []] : [];
        return own.Length > 0 ? own : (kernel.Modules.Value?.All ?? []).Where(m => Module is null || m.Name == Module.Replace('-', '_'))
            .SelectMany(m => kernel.Modules.Value!.Symbols(m)?.FindAll(Name) ?? []);
    }

    private static ulong? Number(string text) => text.StartsWith("0x", StringComparison.Ordinal) &&
        ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong number) ? number : null;
}
