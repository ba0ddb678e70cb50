using Kdump.Diagnosis.Evidence.Pci;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Hardware;

/// <summary>A physical function with virtual functions in use, put together from lspci, sysfs and the kernel's lines.</summary>
/// <param name="Named">The virtual functions, as far as they are known.</param>
/// <param name="How">How their addresses are known, in words; empty for those that the text itself names.</param>
internal sealed record SriovCard(PciAddress Address, string? Driver, int Active,
    IReadOnlyList<PciAddress> Named, string How, IReadOnlyList<Source> Evidence)
{
    /// <summary>The cards, as they were before a line of a log (that of the recovery).</summary>
    public static IEnumerable<SriovCard> Before(Fact line, Facts facts)
    {
        bool Earlier(Fact f) => f.Source.Input != line.Source.Input || (f.Boot == line.Boot && f.Source.Order < line.Source.Order) ||
            f.Source.Text.Contains("/sriov_", StringComparison.Ordinal) || f.Source.Text.Contains("/virtfn", StringComparison.Ordinal);
        VirtualFunctionCount[] counts = facts.Of<VirtualFunctionCount>().Where(Earlier).ToArray();
        VirtualFunction[] named = facts.Of<VirtualFunction>().Where(Earlier).ToArray();
        LspciFunction[] listed = facts.Of<LspciFunction>().Where(f => f.Sriov is { Enabled: true, Active: > 0 }).DistinctBy(f => f.Address)
            .ToArray();
        foreach (PciAddress pf in counts.Select(c => c.Pf).Concat(named.Select(n => n.Pf).OfType<PciAddress>())
            .Concat(listed.Select(f => f.Address)).Distinct().Order())
        {
            if (Of(pf, counts.LastOrDefault(c => c.Pf == pf), named.Where(n => n.Pf == pf).ToArray(),
                Array.Find(listed, f => f.Address == pf), facts) is { Active: > 0 } card)
                yield return card;
        }
    }

    private static SriovCard Of(PciAddress pf, VirtualFunctionCount? count, VirtualFunction[] named, LspciFunction? listed, Facts facts)
    {
        VirtualFunctionPlace[] places = facts.Of<VirtualFunctionPlace>().Where(p => p.Pf == pf).ToArray();
        SriovState? state = listed?.Sriov;
        if (state is null && places.FirstOrDefault(p => p.Offset is not null) is { Offset: { } offset } &&
            places.FirstOrDefault(p => p.Stride is not null) is { Stride: { } stride } && count is not null)
            state = new(Enabled: true, 0, count.Active, offset, stride, "");
        int active = count?.Active ?? state?.Active ?? named.DistinctBy(n => n.Address).Count();
        PciAddress[] addresses = named.Select(n => n.Address).Distinct().Order().Take(active).ToArray();
        string how = "";
        if (addresses.Length == 0 && state is not null)
        {
            addresses = state.Functions(pf).ToArray();
            how = $"By routing id (offset {state.Offset}, stride {state.Stride}) the VFs are";
        }
        var evidence = new List<Source>();
        if (listed is not null)
            evidence.Add(listed.Source);
        if (count is not null)
            evidence.Add(count.Source);
        evidence.AddRange(places.Select(p => p.Source).Take(2));
        evidence.AddRange(named.DistinctBy(n => n.Address).Select(n => n.Source).Take(2));
        evidence.AddRange(facts.Of<LspciFunction>().Where(f => addresses.Contains(f.Address)).Select(f => f.Source).Take(2));
        return new(pf, listed?.Driver ?? (count is null ? null : DriverOf(count.Source)), active, addresses, how, evidence);
    }

    /// <summary><c>[    8.697810] igb 0000:01:00.0: 2 VFs allocated</c></summary>
    internal static string? DriverOf(Source source)
    {
        ReadOnlySpan<char> m = KernelLine.Parse(source.Plain).Message;
        return Aer.DeviceOf(m, out _, out _) && m[..m.IndexOf(' ')] is not "pci" and var driver ? driver.ToString() : null;
    }
}
