using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Symbols;

namespace Kdump.Kernel.Arch;

/// <summary>Describes addresses and arguments in a kernel's instructions, for any architecture.</summary>
internal sealed class AddressWords(CrashedKernel kernel)
{
    /// <summary>Maximum length of a text to show, in characters; longer ones are cut.</summary>
    private const int MaxText = 80;

    public static string Of(Location place) =>
        $"{place.Symbol}{(place.Offset == 0 ? "" : $"+0x{place.Offset:x}")}{(place.Module is null ? "" : $" [{place.Module}]")}";

    /// <summary>The symbol at an address, or the text there in quotation marks; null if there is neither.</summary>
    /// <param name="code">True if the address is the target of a jump or call, so it cannot be a text.</param>
    public string? Refers(ulong address, bool code)
    {
        // Constants without a symbol are mostly texts, and do not belong to the nearest symbol.
        if (!code && TextAt(address) is { } text)
            return text;
        return kernel.Locate(new VirtualAddress(address)) is { } place ? Of(place) : null;
    }

    /// <summary>The text at an address, in quotation marks; null if a symbol begins there or there is no text.</summary>
    public string? TextAt(ulong address)
    {
        VirtualAddress at = new(address);
        if (kernel.Locate(at) is { Offset: 0 } || kernel.Memory.Text(at, MaxText) is not { Length: >= 4 } text)
            return null;
        string plain = text.TrimStart('\u0001').TrimEnd('\n');
        return plain.Length >= 4 && plain.AsSpan().TrimEnd('…').IndexOfAnyExceptInRange(' ', '~') < 0 ? $"\"{plain}\"" : null;
    }

    /// <summary>Description of an address that an instruction used; empty if nothing is known.</summary>
    public string Place(ulong address)
    {
        if (address < 4096)
            return address == 0 ? ": NULL" : $": 0x{address:x} behind NULL";
        return kernel.Locate(new VirtualAddress(address)) is { } place ? $": {Of(place)}" : "";
    }

    /// <summary>Description of an argument of the function at an address, with its name if BTF contains it; counted from 0.</summary>
    public string Argument(VirtualAddress start, int number)
    {
        string? function = kernel.Locate(start)?.Symbol;
        IReadOnlyList<(string Name, int Type)>? known = function is null ? null : kernel.Btf.Value?.Parameters(function);
        return known is not null && number < known.Count && known[number].Name.Length > 0
            ? $"argument {number + 1} of {function}, {known[number].Name}" : $"argument {number + 1} of {function ?? "the function"}";
    }
}
