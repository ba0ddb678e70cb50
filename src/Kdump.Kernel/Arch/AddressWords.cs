using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Symbols;

namespace Kdump.Kernel.Arch;

/// <summary>What the addresses and arguments in a kernel's instructions are, in words; the same for every processor.</summary>
internal sealed class AddressWords(CrashedKernel kernel)
{
    /// <summary>Longer texts are shown up to here.</summary>
    private const int MaxText = 80;

    public static string Of(Location place) =>
        $"{place.Symbol}{(place.Offset == 0 ? "" : $"+0x{place.Offset:x}")}{(place.Module is null ? "" : $" [{place.Module}]")}";

    /// <summary>A symbol, or a text between quotation marks; null for neither.</summary>
    /// <param name="code">It is jumped to, so it is no text.</param>
    public string? Refers(ulong address, bool code)
    {
        // Constants without a symbol of their own are mostly texts: of the nearest symbol they are no part.
        if (!code && TextAt(address) is { } text)
            return text;
        return kernel.Locate(new VirtualAddress(address)) is { } place ? Of(place) : null;
    }

    /// <summary>A text, between quotation marks; null where a symbol begins or no text stands.</summary>
    public string? TextAt(ulong address)
    {
        VirtualAddress at = new(address);
        if (kernel.Locate(at) is { Offset: 0 } || kernel.Memory.Text(at, MaxText) is not { Length: >= 4 } text)
            return null;
        string plain = text.TrimStart('\u0001').TrimEnd('\n');
        return plain.Length >= 4 && plain.AsSpan().TrimEnd('…').IndexOfAnyExceptInRange(' ', '~') < 0 ? $"\"{plain}\"" : null;
    }

    /// <summary>Of an address that an instruction used: empty where nothing is known of it.</summary>
    public string Place(ulong address)
    {
        if (address < 4096)
            return address == 0 ? ": NULL" : $": 0x{address:x} behind NULL";
        return kernel.Locate(new VirtualAddress(address)) is { } place ? $": {Of(place)}" : "";
    }

    /// <summary>An argument of the function at an address, with its name where BTF has it; counted from 0.</summary>
    public string Argument(VirtualAddress start, int number)
    {
        string? function = kernel.Locate(start)?.Symbol;
        IReadOnlyList<(string Name, int Type)>? known = function is null ? null : kernel.Btf.Value?.Parameters(function);
        return known is not null && number < known.Count && known[number].Name.Length > 0
            ? $"argument {number + 1} of {function}, {known[number].Name}" : $"argument {number + 1} of {function ?? "the function"}";
    }
}
