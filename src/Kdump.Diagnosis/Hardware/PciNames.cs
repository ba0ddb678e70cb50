using Kdump.Diagnosis.Evidence.Pci;

namespace Kdump.Diagnosis.Hardware;

/// <summary>Which device a PCI address is, by the lspci that was given beside the log.</summary>
internal static class PciNames
{
    /// <summary>One sentence, or nothing: <c>04:00.0 is the Ethernet controller Intel … [8086:1572], driver i40e.</c></summary>
    public static IEnumerable<string> Sentence(PciAddress address, Facts facts)
    {
        LspciFunction[] all = [.. facts.Of<LspciFunction>()];
        if (all.Length == 0)
            yield break;
        if (Of(address, all) is { } own)
            yield return $"lspci: {address.Short} is {Described(own)}.";
        else if (all.FirstOrDefault(f => f.Address.Segment == address.Segment && f.Address.Bus == address.Bus &&
            f.Address.Device == address.Device && f.Name.Length > 0) is { } sister)
            yield return $"lspci shows no function {address.Short}; {sister.Address.Short} of the same device is {Described(sister)}.";
    }

    private static LspciFunction? Of(PciAddress address, LspciFunction[] all) =>
        Array.Find(all, f => f.Address == address && f.Name.Length > 0);

    private static string Described(LspciFunction f)
    {
        string ids = f.Ids is { } known && !f.Name.Contains(known, StringComparison.Ordinal) ? $" [{known}]" : "";
        string kind = f.Class.Length > 0 && !char.IsAsciiDigit(f.Class[0]) ? $"{f.Class}: " : "";
        return $"{kind}{f.Name}{ids}" + (f.Driver is { Length: > 0 } driver ? $", driver {driver}" : "");
    }
}
