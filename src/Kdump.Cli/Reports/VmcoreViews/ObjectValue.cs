using System.Globalization;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Expressions;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary>One value as text: numbers, enums by name, pointers with what they point at, or the reason why it is missing.</summary>
internal sealed class ObjectValue(CrashedKernel kernel, ObjectStyle style)
{
    /// <summary>Start of the kernel's addresses: a larger number is an address or a negative number.</summary>
    private const ulong UpperHalf = 0xFF00_0000_0000_0000;

    public string Of(ObjectNode node)
    {
        if (node.Failure is { } failure)
            return Missing(failure);
        KernelObject value = node.Object;
        CType bare = value.Type.Bare;
        if (value.Text is not null)
            return Quoted(value.Text);
        if (node.Value is not { } bits)
        {
            if (node.Text is { } text)
                return Quoted(text);
            return value.IsUntyped ? Untyped(value) : "?";
        }
        return bare.Kind switch
        {
            CTypeKind.Pointer => Pointer(bits, node.Text),
            CTypeKind.Function => $"0x{bits:x16}{Symbol(bits)}",
            CTypeKind.Enum => Enum(bare, bits),
            CTypeKind.Bool when style.Radix is null => bits != 0 ? "true" : "false",
            CTypeKind.Float => Float(bare, bits),
            _ => Number(bare, bits),
        };
    }

    /// <summary>Why there is no value: <c>&lt;excluded&gt;</c>, or the reason in words.</summary>
    public static string Missing(InputException why) =>
        MissingMemory.Of(why) is { } state ? state.Mark() : $"<{Printable.Escape(why.Reason)}>";

    public static string Quoted(string text) => $"\"{Printable.Escape(text.Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\n", "\\n", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal))}\"";

    /// <summary><c> &lt;schedule+0x10&gt;</c>, or empty if no symbol covers the address.</summary>
    public string Symbol(ulong address)
    {
        if (address < UpperHalf || kernel.Locate(new VirtualAddress(address)) is not { } at)
            return "";
        string offset = at.Offset == 0 ? "" : $"+0x{at.Offset:x}";
        return $" <{Printable.Escape(at.Symbol)}{offset}{(at.Module is null ? "" : $" [{Printable.Escape(at.Module)}]")}>";
    }

    private string Pointer(ulong bits, string? text) =>
        bits == 0 ? "0x0" : $"0x{bits:x}{(text is null ? Symbol(bits) : " " + Quoted(text))}";

    private string Number(CType type, ulong bits)
    {
        if (style.Radix == 16)
            return type.Size < 8 ? $"0x{bits & (1UL << 8 * type.Size) - 1:x}" : $"0x{bits:x}";
        if (style.Radix == 10)
            return type.Signed ? unchecked((long)bits).ToString(CultureInfo.InvariantCulture) : bits.ToString(CultureInfo.InvariantCulture);
        if (type.Size == 8 && bits >= UpperHalf && (!type.Signed || unchecked((long)bits) < -(1L << 40)))
            return $"0x{bits:x}{Symbol(bits)}";
        return type.Signed ? unchecked((long)bits).ToString(CultureInfo.InvariantCulture) : bits.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>An enum value by name; several bits with names are joined by |.</summary>
    private string Enum(CType type, ulong bits)
    {
        if (type.Types is not { } types)
            return Number(type, bits);
        long value = unchecked((long)bits);
        List<string> names = [];
        ulong left = bits;
        foreach ((string name, long of) in types.Enumerators(type.Id))
        {
            if (of == value)
                return Printable.Escape(name);
            ulong bit = unchecked((ulong)of);
            if (bit != 0 && (bit & bit - 1) == 0 && (left & bit) != 0)
            {
                names.Add(Printable.Escape(name));
                left &= ~bit;
            }
        }
        if (left != 0 || names.Count < 2)
            return Number(type, bits);
        return $"({string.Join(" | ", names)})";
    }

    private static string Float(CType type, ulong bits) => type.Size switch
    {
        4 => BitConverter.UInt32BitsToSingle(unchecked((uint)bits)).ToString("R", CultureInfo.InvariantCulture),
        8 => BitConverter.UInt64BitsToDouble(bits).ToString("R", CultureInfo.InvariantCulture),
        _ => $"0x{bits:x}",
    };

    /// <summary>A variable whose type is not in BTF: its address and first bytes, not interpreted.</summary>
    private string Untyped(KernelObject value)
    {
        VirtualAddress at = value.Address ?? default;
        ulong size = kernel.Locate(at) is { Offset: 0 } found ? found.Size : 0;
        int shown = (int)Math.Min(size == 0 ? 8 : size, 64) / 8 * 8;
        List<string> words = [];
        for (int i = 0; i < shown; i += 8)
        {
            words.Add(kernel.Memory.TryU64(at + i, out ulong word) ? $"{word:x16}{Symbol(word)}"
                : kernel.Memory.Read(at + i, new byte[8]).Mark());
        }
        return $"0x{at}{Symbol(at.Value)}: its type is not in BTF; write (TYPE){value.Symbol}" + (words.Count == 0 ? "" :
            $"\n  the {(size > (ulong)shown ? $"first {shown} of {size}" : $"{shown}")} bytes there: {string.Join(' ', words)}");
    }
}
