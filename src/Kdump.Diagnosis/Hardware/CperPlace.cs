using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Hardware;

/// <summary>
/// The place of an error that firmware reported: the slot by its name (DIMM location out of SMBIOS, or FRU text), the address, and
/// what UEFI calls node, card and module. Its fields are numbers of which a machine fills in only some; if all of them are zero,
/// they tell nothing.
/// </summary>
public static class CperPlace
{
    public static bool IsMemory(CperError e) => e.Section.Contains("memory", StringComparison.OrdinalIgnoreCase);

    /// <summary>The DIMM's name; null where firmware gives none.</summary>
    public static string? Name(CperError e)
    {
        if (e["DIMM location"] is { } slot && !slot.StartsWith("not present", StringComparison.Ordinal) && slot.Trim().Length > 0)
            return string.Join(' ', slot.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return Fru(e);
    }

    /// <summary><c>DIMM location: not present. DMI handle: 0x0017</c>: SMBIOS has no name, dmidecode still shows the module.</summary>
    public static string? Handle(CperError e)
    {
        const string Mark = "DMI handle: ";
        return e["DIMM location"] is { } text && text.IndexOf(Mark, StringComparison.Ordinal) is >= 0 and var at &&
            HexWord.TryRead(text[(at + Mark.Length)..].Trim(), out ulong handle) && handle <= 0xffff ? $"0x{handle:X4}" : null;
    }

    /// <summary>The part by firmware's own words; "CorrectedErr" and the like name none.</summary>
    public static string? Fru(CperError e) => e["fru_text"] is { } fru && fru.Trim() is { Length: > 0 } text &&
        !text.EndsWith("Err", StringComparison.Ordinal) && !text.EndsWith("Error", StringComparison.Ordinal) ? text : null;

    public static ulong? Address(CperError e) =>
        HexWord.TryRead(e["physical_address"] ?? e["physical fault address"] ?? "", out ulong value) && value > 0 ? value : null;

    /// <summary><c>node 1 card 4 module 0</c>: the part of the location that names a module.</summary>
    public static string Module(CperError e) => Words(e, "node", "card", "module") is { Length: > 0 } words &&
        words.Any(c => c is >= '1' and <= '9') ? words : "";

    public static string Cell(CperError e) => Words(e, "rank", "bank", "bank_group", "bank_address", "device", "row", "column");

    /// <summary>The value behind a name of the location line, with or without a blank before it (5.19).</summary>
    public static string? Field(CperError e, string name)
    {
        string[] words = (e["location"] ?? "").Replace(": ", ":", StringComparison.Ordinal).Split(' ',
            StringSplitOptions.RemoveEmptyEntries);
        string? word = Array.Find(words, w => w.StartsWith(name + ":", StringComparison.Ordinal));
        return word is null || word.Length == name.Length + 1 ? null : word[(name.Length + 1)..];
    }

    private static string Words(CperError e, params string[] names) =>
        string.Join(' ', names.Select(n => Field(e, n) is { } value ? $"{n.Replace('_', ' ')} {value}" : null).OfType<string>());

    /// <summary>The subject that all reports about one place share.</summary>
    public static string SubjectOf(CperError e)
    {
        string what = e.Section.Length == 0 ? ArmProcessor.AmperePart(e)?.Replace(' ', '-') ?? "unknown" : e.Section.Replace(' ', '-');
        if (ArmProcessor.Is(e) && e["Multiprocessor Affinity Register (MPIDR)"] is { } core)
            what += $"-{core}";
        return IsMemory(e) && (Name(e) ?? (Module(e) is { Length: > 0 } module ? module : null)) is { } place ? $"{what}-{place}"
            : $"{what}-{(Address(e) is { } at ? $"0x{at:x}" : e["device_id"] ?? e.Severity)}";
    }
}
