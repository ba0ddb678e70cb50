using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Pci;

/// <summary>A physical function has this many virtual functions (SR-IOV) from this line on; 0 when they were removed.</summary>
public sealed record VirtualFunctionCount(Source Source, PciAddress Pf, int Active) : Fact(Source);

/// <summary>Routing ids of the virtual functions of a physical function: sysfs sriov_offset and sriov_stride.</summary>
public sealed record VirtualFunctionPlace(Source Source, PciAddress Pf, int? Offset, int? Stride) : Fact(Source);

/// <summary>A virtual function that something named.</summary>
/// <param name="Pf">Null when only its driver shows what it is.</param>
public sealed record VirtualFunction(Source Source, PciAddress Address, PciAddress? Pf, string? Driver = null) : Fact(Source);

/// <summary>A port, and the buses behind it.</summary>
public sealed record PciBridgeBuses(Source Source, PciAddress Port, byte First, byte Last) : Fact(Source);

/// <summary>
/// Reads what shows virtual functions: the words with which drivers bring them up (igb, ixgbe, i40e, ice, mlx4, mlx5, i915, xe …), the
/// functions that the kernel then finds (drivers/pci/iov.c pci_iov_add_virtfn(), whose BARs are the card's, so that no BAR line follows),
/// drivers for virtual functions, and sysfs as <c>grep . sriov_*</c> and <c>ls -l virtfn*</c> print it.
/// </summary>
public sealed class VirtualFunctions : LineParser
{
    /// <summary>The most virtual functions of one card that are followed; routing ids allow more, but no log lists them.</summary>
    private const int MaxActive = 256;

    /// <summary>The most cards of one boot.</summary>
    private const int MaxCards = 64;

    /// <summary>Physical functions that said how much room their virtual ones need, and the id each was found with.</summary>
    private readonly HashSet<PciAddress> capable = [];
    private readonly Dictionary<PciAddress, string> ids = [];
    private Boot? boot;
    private bool userspace;
    private PciAddress? opened;
    private int awaited;
    private (PciAddress Pf, Source Source, PciAddress Address, Boot? Boot)? held;
    private readonly HashSet<PciAddress> driven = [];
    private readonly Dictionary<PciAddress, int> found = [];

    public override string Kind => "kernel log";

    public override IReadOnlyList<string> Signs { get; } =
    [
        " VFs", "nvfs(", "IOV Disabled", " type 00 class ", "BAR ", "BAR0", "reg 0x", "PCI bridge to [bus ", " as init process", "/sriov_",
            "/virtfn", "vf 0",
    ];

    public override bool Line(in TextLine line, Facts facts)
    {
        if (Sysfs(line, facts))
            return true;
        if (facts.Boot != boot)
            Begin(facts);
        ReadOnlySpan<char> m = line.Kernel.Message;
        userspace |= m.StartsWith("Run ", StringComparison.Ordinal) && m.EndsWith(" as init process", StringComparison.Ordinal);
        if (!Aer.DeviceOf(m, out PciAddress device, out ReadOnlySpan<char> words))
            return false;
        if (words.StartsWith("BAR ", StringComparison.Ordinal) || words.StartsWith("reg 0x", StringComparison.Ordinal))
        {
            if (held?.Address == device)
                held = null;
            return false;
        }
        Settle(facts);
        ReadOnlySpan<char> driver = m[..m.IndexOf(' ')];
        return Found(driver, device, words, line, facts) || Room(device, words) || Count(device, words, line, facts) ||
            Bridge(device, words, line, facts) || ByDriver(driver, device, line, facts);
    }

    public override void End(Facts facts) => Begin(facts);

    private void Begin(Facts facts)
    {
        Settle(facts);
        boot = facts.Boot;
        userspace = false;
        opened = null;
        awaited = 0;
        capable.Clear();
        ids.Clear();
        driven.Clear();
        found.Clear();
    }

    /// <summary>What was found without BARs of its own is a virtual function.</summary>
    private void Settle(Facts facts)
    {
        if (held is { } h)
            facts.Add(new VirtualFunction(h.Source, h.Address, h.Pf) { Boot = h.Boot });
        held = null;
    }

    /// <summary><c>pci 0000:01:10.0: [8086:10ca] type 00 class 0x020000</c></summary>
    private bool Found(ReadOnlySpan<char> driver, PciAddress device, ReadOnlySpan<char> words, in TextLine line, Facts facts)
    {
        if (driver is not "pci" || words.Length < 24 || words[0] != '[' || !words[10..]
            .StartsWith("] type 00 class ", StringComparison.Ordinal))
            return false;
        string vendor = words[1..5].ToString();
        if (awaited switch
        {
            > 0 when Fits(opened, device, vendor) => opened,
            _ when userspace && Fits(CardOf(device), device, vendor) => CardOf(device),
            _ => null,
        } is { } pf)
        {
            held = (pf, line.ToSource(), device, facts.Boot);
            found[pf] = found.GetValueOrDefault(pf) + 1;
            awaited -= pf == opened && awaited > 0 ? 1 : 0;
            return true;
        }
        if (ids.Count < MaxCards * 16)
            ids[device] = vendor;
        return false;
    }

    private bool Fits(PciAddress? card, PciAddress device, string vendor) =>
        card is { } pf && pf.Segment == device.Segment && pf.RequesterId < device.RequesterId &&
            (!ids.TryGetValue(pf, out string? own) || own == vendor);

    /// <summary>The card on the same bus that has room for virtual functions and stands nearest before this one.</summary>
    private PciAddress? CardOf(PciAddress device)
    {
        PciAddress? nearest = null;
        foreach (PciAddress card in capable)
        {
            if (card.Segment == device.Segment && card.Bus == device.Bus && card.RequesterId < device.RequesterId &&
                (nearest is not { } n || n.RequesterId < card.RequesterId))
                nearest = card;
        }
        return nearest;
    }

    /// <summary>
    /// <c>VF BAR 0 […]: contains BAR 0 for 2 VFs</c> since 6.9, <c>VF(n) BAR0 space: […] (contains BAR0 for 8 VFs)</c> before.
    /// </summary>
    private bool Room(PciAddress device, ReadOnlySpan<char> words)
    {
        if (!words.StartsWith("VF BAR ", StringComparison.Ordinal) && !words.StartsWith("VF(n) BAR", StringComparison.Ordinal))
            return false;
        if (capable.Count < MaxCards)
            capable.Add(device);
        return true;
    }

    private bool Count(PciAddress device, ReadOnlySpan<char> words, in TextLine line, Facts facts)
    {
        if (CountIn(words) is not { } count)
            return false;
        facts.Add(new VirtualFunctionCount(line.ToSource(), device, count));
        // Drivers say it before the kernel looks for the functions or, up to 6.1 in igb, behind it.
        (opened, awaited) = (device, Math.Max(0, Math.Min(count, MaxActive) - found.GetValueOrDefault(device)));
        found.Remove(device);
        return true;
    }

    /// <summary>A number before "VFs" with a word that says they were made or taken away, and none that says it was refused.</summary>
    private static int? CountIn(ReadOnlySpan<char> words)
    {
        if (words is "IOV Disabled" || words.StartsWith("E-Switch: Disable: ", StringComparison.Ordinal))
            return 0;
        var c = new TextCursor(words);
        long n;
        if (words.StartsWith("E-Switch: Enable: ", StringComparison.Ordinal))
            return c.SkipPast("nvfs(") && c.Number(out n) && n is > 0 and < 65536 ? (int)n : null;
        int at = words.IndexOf(" VFs", StringComparison.Ordinal);
        if (at < 0)
            return null;
        int start = at;
        while (start > 0 && char.IsAsciiDigit(words[start - 1]))
            start--;
        if (start == at || !int.TryParse(words[start..at], out int count) || count is <= 0 or >= 65536)
            return null;
        foreach (string refusal in (ReadOnlySpan<string>)["ail", "not ", "unable", "Unable", "annot", "more than", "aximum", "max ", "only",
            "support", "up to", "contains", "ERROR"])
        {
            if (words.Contains(refusal, StringComparison.Ordinal))
                return null;
        }
        if (words.Contains("isabl", StringComparison.Ordinal))
            return 0;
        foreach (string verb in (ReadOnlySpan<string>)["llocat", "nabl", "nstantiat", "reated", "reating"])
        {
            if (words.Contains(verb, StringComparison.Ordinal))
                return count;
        }
        return null;
    }

    /// <summary><c>pci 0000:00:05.0: PCI bridge to [bus 02-03]</c></summary>
    private static bool Bridge(PciAddress device, ReadOnlySpan<char> words, in TextLine line, Facts facts)
    {
        var c = new TextCursor(words);
        if (!c.Skip("PCI bridge to [bus ") || !c.Hex(out ulong first) || first > 255)
            return false;
        ulong last = first;
        if (c.Skip("-") && (!c.Hex(out last) || last > 255 || last < first))
            return false;
        facts.Add(new PciBridgeBuses(line.ToSource(), device, (byte)first, (byte)last));
        return true;
    }

    /// <summary>Drivers for virtual functions end in vf: igbvf, ixgbevf, iavf, i40evf, nicvf …</summary>
    private bool ByDriver(ReadOnlySpan<char> driver, PciAddress device, in TextLine line, Facts facts)
    {
        if (driver.Length > 3 && driver.EndsWith("vf", StringComparison.Ordinal) && driven.Count < MaxCards * 16 && driven.Add(device))
            facts.Add(new VirtualFunction(line.ToSource(), device, null, driver.ToString()));
        return false;
    }

    /// <summary><c>…/0000:01:00.0/sriov_numvfs:2</c>, <c>…/0000:01:00.0/virtfn0 -&gt; ../0000:01:10.0</c></summary>
    private static bool Sysfs(in TextLine line, Facts facts)
    {
        ReadOnlySpan<char> text = line.Text;
        int at = text.IndexOf("/sriov_", StringComparison.Ordinal), link = text.IndexOf("/virtfn", StringComparison.Ordinal);
        if (at < 0 && link < 0)
            return false;
        int slash = Math.Max(at, link);
        int folder = text[..slash].LastIndexOf('/') + 1;
        if (!PciAddress.TryParse(text[folder..slash], out PciAddress pf))
            return false;
        ReadOnlySpan<char> rest = text[(slash + 1)..];
        var c = new TextCursor(rest);
        if (link >= 0)
        {
            if (!c.SkipPast(" -> ") || !PciAddress.TryParse(c.Rest[(c.Rest.LastIndexOf('/') + 1)..].TrimEnd(), out PciAddress vf))
                return false;
            facts.Add(new VirtualFunction(line.ToSource(), vf, pf));
            return true;
        }
        int colon = rest.IndexOf(':');
        if (colon < 0 || !int.TryParse(rest[(colon + 1)..].Trim(), out int value) || value is < 0 or > 65535)
            return false;
        switch (rest[..colon])
        {
            case "sriov_numvfs":
                facts.Add(new VirtualFunctionCount(line.ToSource(), pf, value));
                return true;
            case "sriov_offset":
                facts.Add(new VirtualFunctionPlace(line.ToSource(), pf, value, null));
                return true;
            case "sriov_stride":
                facts.Add(new VirtualFunctionPlace(line.ToSource(), pf, null, value));
                return true;
            default:
                return false;
        }
    }
}
