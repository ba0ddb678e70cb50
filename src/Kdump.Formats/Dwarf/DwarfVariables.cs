using System.Buffers.Binary;
using System.Text;
using Kdump.Formats.Bytes;

namespace Kdump.Formats.Dwarf;

/// <summary>
/// Finds variables by name. There is no index: .debug_info is searched for references to the name in .debug_str, and each unit with such
/// a reference is read.
/// </summary>
internal sealed class DwarfVariables(DwarfSections sections, List<DwarfUnit> units)
{
    private const int MaxTypes = 32, MaxTexts = 8;

    /// <summary>Maximum number of units to read for one name; units that only declare the variable are included.</summary>
    private const int MaxUnits = 4096;

    public string? TypeOf(string variable, Action<InputException> note)
    {
        byte[] name = Encoding.UTF8.GetBytes(variable + '\0');
        string? declared = null;
        int looked = 0;
        // The linker may store a name as the end of a longer one.
        foreach (long text in sections.Strings.Find(name).Take(MaxTexts))
        {
            byte[] place = new byte[4];
            if (text > uint.MaxValue)
                break;
            BinaryPrimitives.WriteUInt32LittleEndian(place, (uint)text);
            foreach (DwarfUnit unit in Having(place).Concat(ByIndex(place)))
            {
                if (++looked > MaxUnits)
                    return declared;
                try
                {
                    (string? type, bool defined) = In(unit, variable);
                    if (defined && type is not null)
                        return type;
                    declared ??= type;
                }
                catch (InputException e)
                {
                    note(e);
                }
                finally
                {
                    unit.Forget();
                }
            }
        }
        return declared;
    }

    /// <summary>Units that contain these bytes.</summary>
    private IEnumerable<DwarfUnit> Having(byte[] place)
    {
        for (long from = 0; ;)
        {
            long hit = sections.Info.Find(place, from).Append(-1).First();
            if (hit < 0 || UnitOf((ulong)hit) is not { } unit)
                yield break;
            from = unit.Start + unit.Length;
            yield return unit;
        }
    }

    /// <summary>
    /// Units whose part of .debug_str_offsets contains these bytes: their entries refer to a text by an index into that part.
    /// </summary>
    private IEnumerable<DwarfUnit> ByIndex(byte[] place)
    {
        if (sections.StringOffsets.Length == 0)
            yield break;
        DwarfUnit[] ordered = [.. units.OrderBy(u => u.StringOffsets)];
        DwarfUnit? last = null;
        foreach (long hit in sections.StringOffsets.Find(place))
        {
            int at = Array.FindLastIndex(ordered, u => u.StringOffsets <= (ulong)hit);
            if (at < 0 || ordered[at] == last)
                continue;
            yield return last = ordered[at];
        }
    }

    private (string? Type, bool Defined) In(DwarfUnit unit, string variable)
    {
        DwarfEntry entry = new(), scratch = new();
        string? declared = null;
        for (int at = unit.Root.Next; at < unit.Data.Length && unit.Root.HasChildren && unit.Read(at, entry);
            at = Math.Max(unit.Skip(entry, scratch), entry.Next))
        {
            if (entry.Tag != DwarfTag.Variable || entry.Name is not { } name || sections.Text(name, unit) != variable)
                continue;
            // The type may be only in the declaration, and the array bounds only in the definition.
            string? type = entry.Type is { } own ? Words(own) : null;
            if (type is not null && entry.Address is not null)
                return (type, true);
            declared = type ?? declared;
        }
        return (declared, false);
    }

    /// <summary>A type in C syntax, without a variable name; null for a type without a name and for a function type.</summary>
    private string? Words(ulong type)
    {
        DwarfEntry entry = new();
        string stars = "", bounds = "";
        for (int i = 0; i < MaxTypes; i++)
        {
            if (UnitOf(type) is not { } home || !home.Read((int)(type - (ulong)home.Start), entry))
                return null;
            string? name = entry.Name is { } text ? sections.Text(text, home) : null;
            switch (entry.Tag)
            {
                case DwarfTag.ConstType or DwarfTag.VolatileType or DwarfTag.RestrictType or DwarfTag.AtomicType:
                    break;
                case DwarfTag.PointerType:
                    if (entry.Type is not { } target || IsFunction(target))
                        return "void *" + stars + bounds;
                    stars = "*" + stars;
                    break;
                // A pointer to an array has no simple notation.
                case DwarfTag.ArrayType when stars.Length > 0:
                    return "void " + stars + bounds;
                case DwarfTag.ArrayType:
                    bounds += BoundsOf(home, entry);
                    break;
                case DwarfTag.StructureType: return Named("struct ", name, stars, bounds);
                case DwarfTag.UnionType: return Named("union ", name, stars, bounds);
                case DwarfTag.EnumerationType: return Named("enum ", name, stars, bounds);
                case DwarfTag.Typedef or DwarfTag.BaseType: return Named("", name, stars, bounds);
                default: return null;
            }
            if (entry.Type is not { } next)
                return stars.Length > 0 ? "void " + stars + bounds : null;
            type = next;
        }
        return null;
    }

    private static string? Named(string kind, string? name, string stars, string bounds) => name is null ? null
        : kind + name + (stars.Length > 0 ? " " + stars : "") + (bounds.Length > 0 ? " " + bounds : "");

    private bool IsFunction(ulong type)
    {
        DwarfEntry entry = new();
        return UnitOf(type) is { } home && home.Read((int)(type - (ulong)home.Start), entry) && entry.Tag == DwarfTag.SubroutineType;
    }

    private static string BoundsOf(DwarfUnit unit, DwarfEntry array)
    {
        StringBuilder bounds = new();
        DwarfEntry entry = new();
        for (int at = array.Next; array.HasChildren && at < unit.Data.Length && unit.Read(at, entry); at = entry.Next)
            if (entry.Tag == DwarfTag.SubrangeType)
                bounds.Append('[').Append(entry.Count ?? 0).Append(']');
        return bounds.ToString();
    }

    private DwarfUnit? UnitOf(ulong place)
    {
        long at = (long)Math.Min(place, long.MaxValue);
        int low = 0, high = units.Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (units[middle].Start <= at)
                low = middle + 1;
            else
                high = middle;
        }
        return low > 0 && at - units[low - 1].Start < units[low - 1].Length ? units[low - 1] : null;
    }
}
