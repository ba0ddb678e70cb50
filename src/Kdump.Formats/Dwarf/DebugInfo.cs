using Kdump.Formats.Bytes;

namespace Kdump.Formats.Dwarf;

/// <summary>
/// Debugging information of one ELF file (DWARF 2 to 5): places in the source of an address, with the functions that were inlined there,
/// and types of variables. Units are found by .debug_aranges, and those that it does not name by what their own entries say of code; of a
/// unit only the entries on the way are looked at.
/// Not for several threads.
/// </summary>
public sealed class DebugInfo
{
    /// <summary>Functions inlined into each other, and blocks; entries that say what they are an instance of.</summary>
    private const int MaxDepth = 256, MaxOrigins = 16;

    /// <summary>Bytes of units that stay in memory.</summary>
    private const long MaxHeld = 48 << 20;

    private readonly DwarfSections sections;
    private readonly List<DwarfUnit> units = [];
    private readonly List<(ulong Low, ulong High, DwarfUnit Unit)> code = [];
    private readonly Dictionary<DwarfUnit, List<(ulong Low, ulong High, int At)>> functions = [];
    private readonly Dictionary<DwarfUnit, LineProgram?> lines = [];
    private readonly List<Damage> damages = [];
    private long held;
    private bool indexed;

    internal DebugInfo(DwarfSections sections) => this.sections = sections;

    /// <summary>There is any.</summary>
    public bool Any => sections.Info.Length > 0 && sections.Abbreviations.Length > 0;

    /// <summary>What of it could not be read.</summary>
    public IReadOnlyList<Damage> Damages => damages;

    /// <summary>Compilation units.</summary>
    public int Units
    {
        get
        {
            Index();
            return units.Count;
        }
    }

    /// <summary>The place of an address, the innermost inlined function first; empty where nothing tells.</summary>
    public IReadOnlyList<SourcePlace> At(ulong address)
    {
        Index();
        if (UnitOf(address) is not { } unit)
            return [];
        int before = unit.Held;
        try
        {
            return At(unit, address);
        }
        catch (InputException e)
        {
            Note(e);
            return [];
        }
        finally
        {
            Forget(unit.Held - before);
        }
    }

    /// <summary>
    /// The type of a variable with static storage, as C writes it without a name ("struct list_head [16]"); null where no unit has it.
    /// </summary>
    public string? TypeOf(string variable)
    {
        Index();
        return new DwarfVariables(sections, units).TypeOf(variable, Note);
    }

    private List<SourcePlace> At(DwarfUnit unit, ulong address)
    {
        List<(string? Name, ulong CallFile, ulong CallLine)> chain = [];
        if (FunctionAt(unit, address) is { } function)
            Descend(unit, function, address, chain);
        LineProgram? table = LinesOf(unit);
        (ulong File, uint Line)? row = table?.Find(address);
        List<SourcePlace> places = [];
        (ulong file, ulong line) = row is { } r ? (r.File, (ulong)r.Line) : (ulong.MaxValue, 0UL);
        for (int i = chain.Count - 1; i >= 0; i--)
        {
            places.Add(new SourcePlace(chain[i].Name, table?.File(file), line, Inlined: i > 0));
            (file, line) = (chain[i].CallFile, chain[i].CallLine);
        }
        if (places.Count == 0 && row is not null)
            places.Add(new SourcePlace(null, table?.File(file), line, Inlined: false));
        return places;
    }

    /// <summary>The function at an entry, and from it inwards every inlined one that has the address.</summary>
    private void Descend(DwarfUnit unit, int function, ulong address, List<(string?, ulong, ulong)> chain)
    {
        DwarfEntry entry = new(), scratch = new();
        unit.Read(function, entry);
        chain.Add((NameOf(unit, entry), 0, 0));
        int at = entry.HasChildren ? entry.Next : unit.Data.Length;
        for (int depth = 0; at < unit.Data.Length && depth < MaxDepth;)
        {
            // The end of a list: what has the address was looked through to its end.
            if (!unit.Read(at, entry))
                return;
            bool inlined = entry.Tag == DwarfTag.InlinedSubroutine;
            if ((inlined || entry.Tag == DwarfTag.LexicalBlock) && Has(unit, entry, address))
            {
                if (inlined)
                    chain.Add((NameOf(unit, entry), entry.CallFile, entry.CallLine));
                if (!entry.HasChildren)
                    return;
                at = entry.Next;
                depth++;
            }
            else
                at = Math.Max(unit.Skip(entry, scratch), entry.Next);
        }
    }

    private static bool Has(DwarfUnit unit, DwarfEntry entry, ulong address)
    {
        foreach ((ulong low, ulong high) in unit.Code(entry))
            if (address >= low && address < high)
                return true;
        return false;
    }

    private int? FunctionAt(DwarfUnit unit, ulong address)
    {
        if (!functions.TryGetValue(unit, out List<(ulong Low, ulong High, int At)>? all))
            functions[unit] = all = FunctionsOf(unit);
        foreach ((ulong low, ulong high, int at) in all)
            if (address >= low && address < high)
                return at;
        return null;
    }

    private static List<(ulong, ulong, int)> FunctionsOf(DwarfUnit unit)
    {
        List<(ulong, ulong, int)> all = [];
        DwarfEntry entry = new(), scratch = new();
        int depth = 0;
        for (int at = unit.Root.Next; at < unit.Data.Length && unit.Root.HasChildren;)
        {
            if (!unit.Read(at, entry))
            {
                at = entry.Next;
                if (depth-- == 0)
                    break;
                continue;
            }
            if (entry.Tag == DwarfTag.Subprogram && !entry.IsDeclaration)
                foreach ((ulong low, ulong high) in unit.Code(entry))
                    all.Add((low, high, at));
            // Rust's functions stand in namespaces, and in the structs that they belong to.
            bool inside = entry.HasChildren && (entry.Tag == DwarfTag.Namespace ||
                (entry.Tag == DwarfTag.StructureType && depth > 0));
            depth += inside ? 1 : 0;
            at = inside ? entry.Next : Math.Max(unit.Skip(entry, scratch), entry.Next);
        }
        return all;
    }

    private string? NameOf(DwarfUnit unit, DwarfEntry entry)
    {
        if (entry.Name is { } own)
            return sections.Text(own, unit);
        DwarfEntry origin = new();
        ulong? next = entry.Origin;
        for (int i = 0; i < MaxOrigins && next is { } at; i++)
        {
            if (UnitAt(at) is not { } home || !home.Read((int)(at - (ulong)home.Start), origin))
                return null;
            if (origin.Name is { } name)
                return sections.Text(name, home);
            next = origin.Origin;
        }
        return null;
    }

    private LineProgram? LinesOf(DwarfUnit unit)
    {
        if (lines.TryGetValue(unit, out LineProgram? known))
            return known;
        try
        {
            return lines[unit] = unit.Root.Lines is { } at ? LineProgram.At(sections, unit, at) : null;
        }
        catch (InputException e)
        {
            Note(e);
            return lines[unit] = null;
        }
    }

    private DwarfUnit? UnitAt(ulong at)
    {
        int low = 0, high = units.Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if ((ulong)units[middle].Start <= at)
                low = middle + 1;
            else
                high = middle;
        }
        return low > 0 && at - (ulong)units[low - 1].Start < (ulong)units[low - 1].Length ? units[low - 1] : null;
    }

    private DwarfUnit? UnitOf(ulong address)
    {
        int low = 0, high = code.Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (code[middle].Low <= address)
                low = middle + 1;
            else
                high = middle;
        }
        // Pieces of one file do not overlap; those of a damaged one may.
        for (int i = low - 1; i >= 0 && i >= low - 8; i--)
            if (address < code[i].High)
                return code[i].Unit;
        return null;
    }

    /// <summary>Units stay for the next address, up to a bound.</summary>
    private void Forget(int more)
    {
        held += more;
        if (held < MaxHeld)
            return;
        foreach (DwarfUnit unit in units)
            unit.Forget();
        lines.Clear();
        held = 0;
    }

    private void Index()
    {
        if (indexed)
            return;
        indexed = true;
        try
        {
            for (long at = 0; at < sections.Info.Length;)
            {
                DwarfUnit unit = DwarfUnit.At(sections, at);
                at += unit.Length;
                if (unit.IsCode)
                    units.Add(unit);
            }
        }
        catch (InputException e)
        {
            // Where the next unit begins is not known.
            Note(e);
        }
        IndexCode();
        code.Sort((a, b) => a.Low.CompareTo(b.Low));
    }

    private void IndexCode()
    {
        HashSet<DwarfUnit> named = [];
        foreach ((ulong low, ulong high, long start) in DwarfAddressTable.Read(sections.AddressTable, sections.BigEndian, Note))
            if (UnitAt((ulong)start) is { } unit && unit.Start == start)
            {
                named.Add(unit);
                code.Add((low, high, unit));
            }
        foreach (DwarfUnit unit in units)
        {
            if (named.Contains(unit))
                continue;
            try
            {
                foreach ((ulong low, ulong high) in unit.Code(unit.Root))
                    code.Add((low, high, unit));
            }
            catch (InputException e)
            {
                Note(e);
            }
        }
    }

    private void Note(InputException e)
    {
        if (damages.Count < 64)
            damages.Add(Damage.From(e));
    }
}
