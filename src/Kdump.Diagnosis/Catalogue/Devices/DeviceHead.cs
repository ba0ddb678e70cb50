namespace Kdump.Diagnosis.Catalogue.Devices;

/// <summary>
/// Finds driver and device at the beginning of a kernel message: <c>igb 0000:02:00.0 eth0: words</c>, <c>nvme nvme1: words</c>,
/// <c>ata3.00: words</c>, <c>sd 0:0:0:0: [sdb] tag#1 words</c>, <c>mpt3sas_cm0: words</c>, <c>NVRM: words</c>, <c>[drm:function
/// [amdgpu]] *ERROR* words</c>.
/// </summary>
public readonly ref struct DeviceHead
{
    private DeviceHead(ReadOnlySpan<char> driver, ReadOnlySpan<char> device, PciAddress? address, ReadOnlySpan<char> name,
        ReadOnlySpan<char> words)
    {
        Driver = driver;
        Device = device;
        Address = address;
        Name = name;
        Words = words;
    }

    public ReadOnlySpan<char> Driver { get; }

    /// <summary>The device as printed, if that is not a PCI address; may be empty.</summary>
    public ReadOnlySpan<char> Device { get; }

    public PciAddress? Address { get; }

    /// <summary>A second name behind the first: the network interface.</summary>
    public ReadOnlySpan<char> Name { get; }

    public ReadOnlySpan<char> Words { get; }

    public static DeviceHead Parse(ReadOnlySpan<char> message)
    {
        ReadOnlySpan<char> m = message.TrimStart(" >`:-*\u2022\u2013");
        if (m.StartsWith("[drm", StringComparison.Ordinal))
            return Drm(m, default, null);
        if (m.StartsWith("NVRM: ", StringComparison.Ordinal) || m.StartsWith("nvidia-nvswitch", StringComparison.Ordinal))
            return new("NVRM", default, AddressIn(m), default, m);
        int blank = m.IndexOf(' '), colon = m.IndexOf(':');
        if (colon <= 0 || blank <= 0)
            return default;
        // "ata3.00: words", "mpt3sas_cm0: words", "amdgpu: words"
        if (colon < blank)
            return OfOneWord(m[..colon], m[(colon + 1)..].TrimStart(' '));
        ReadOnlySpan<char> driver = m[..blank], rest = m[(blank + 1)..].TrimStart('[');
        if (driver.Length > 40)
            return default;
        if (AddressAt(rest, out PciAddress address, out int length))
        {
            ReadOnlySpan<char> tail = rest[length..];
            int end = tail.IndexOf(": ", StringComparison.Ordinal);
            // "qla2xxx [0000:05:00.0]-5003:7: words"; "pciehp 0000:02:05.0:pcie24: words"
            if (end < 0 || end > 40)
                return new(driver, default, address, default, tail.TrimStart(" :"));
            ReadOnlySpan<char> name = tail[..end].Trim(" :");
            if (name.IndexOf(' ') is > 0 and var cut)
                name = name[..cut];
            ReadOnlySpan<char> words = tail[(end + 2)..].TrimStart(' ');
            if (words.StartsWith(driver, StringComparison.Ordinal) && words[driver.Length..].StartsWith(": ", StringComparison.Ordinal))
                words = words[(driver.Length + 2)..].TrimStart(' ');
            if (words.StartsWith("[drm", StringComparison.Ordinal))
                return new(driver, default, address, default, Drm(words, driver, address).Words);
            return new(driver, default, address, IsName(name) ? name : default, words);
        }
        int stop = m.IndexOf(": ", StringComparison.Ordinal);
        if (stop <= blank || stop > 60)
            return default;
        ReadOnlySpan<char> device = m[(blank + 1)..stop], said = m[(stop + 2)..].TrimStart(' ');
        if (driver is "sd" or "sr" or "st" or "ses" && said.StartsWith("[", StringComparison.Ordinal) &&
            said.IndexOf(']') is > 1 and var close)
            return new(driver, said[1..close], null, device, said[(close + 1)..].TrimStart(' '));
        int gap = device.IndexOf(' ');
        return gap > 0 ? new(driver, device[..gap], null, device[(gap + 1)..], said) : new(driver, device, null, default, said);
    }

    /// <summary>The first PCI address in the text, <c>0000:01:00.0</c> or <c>PCI:0000:01:00</c>.</summary>
    internal static PciAddress? AddressIn(ReadOnlySpan<char> text)
    {
        for (int at = 0, end = text.Contains('.') ? Math.Min(text.Length, 200) : 0; at < end; at++)
        {
            if (char.IsAsciiHexDigit(text[at]) && (at == 0 || !char.IsAsciiLetterOrDigit(text[at - 1])) &&
                AddressAt(text[at..], out PciAddress address, out _))
                return address;
        }
        int pci = text.IndexOf("PCI:", StringComparison.Ordinal);
        if (pci < 0)
            return null;
        ReadOnlySpan<char> plain = text[(pci + 4)..];
        int length = 0;
        while (length < plain.Length && length < 16 && (char.IsAsciiHexDigit(plain[length]) || plain[length] == ':'))
            length++;
        return PciAddress.TryParse($"{plain[..length]}.0", out PciAddress whole) ? whole : null;
    }

    /// <summary>A full address, with its domain, at the beginning of the text.</summary>
    private static bool AddressAt(ReadOnlySpan<char> text, out PciAddress address, out int length)
    {
        address = default;
        length = text[..Math.Min(text.Length, 17)].IndexOf('.') + 2;
        return length >= 12 && length <= text.Length && PciAddress.TryParse(text[..length], out address);
    }

    private static DeviceHead OfOneWord(ReadOnlySpan<char> speaker, ReadOnlySpan<char> words)
    {
        if (speaker.Length is 0 or > 32 || !IsName(speaker))
            return default;
        if (speaker.StartsWith("ata", StringComparison.Ordinal) && speaker.Length > 3 && char.IsAsciiDigit(speaker[3]))
        {
            int dot = speaker.IndexOf('.');
            return new("ata", dot < 0 ? speaker : speaker[..dot], null, default, words);
        }
        // "bnx2x: [bnx2x_nic_load:2727(eth0)]words": function, line and interface.
        if (words.StartsWith("[", StringComparison.Ordinal) && words.IndexOf(")]", StringComparison.Ordinal) is > 4 and < 60 and var shut &&
            words[..shut].LastIndexOf('(') is > 1 and var open && words[..open].Contains(':') && IsName(words[(open + 1)..shut]))
            return new(speaker, words[(open + 1)..shut], null, default, words[(shut + 2)..].TrimStart(' '));
        int digits = speaker.Length;
        while (digits > 0 && char.IsAsciiDigit(speaker[digits - 1]))
            digits--;
        // "nvgpu: 17000000.gp10b function:line [ERR] words": a platform device.
        if (digits == speaker.Length && words.IndexOf(' ') is > 4 and < 40 and var end && IsPlatform(words[..end]))
            return new(speaker, words[..end], null, default, words[end..].TrimStart(' '));
        // A driver's own name, or a driver with a number: mpt3sas_cm0, cciss0, eth0.
        return new(digits == 0 ? speaker : speaker[..digits], digits == speaker.Length ? default : speaker, AddressIn(words), default,
            words);
    }

    /// <summary><c>17000000.gp10b</c>: an address of at least four digits, and a name.</summary>
    private static bool IsPlatform(ReadOnlySpan<char> word)
    {
        int dot = word.IndexOf('.');
        return dot is > 3 and < 17 && dot < word.Length - 1 && char.IsAsciiLetter(word[dot + 1]) && IsName(word) &&
            !word[..dot].ContainsAnyExcept("0123456789abcdef");
    }

    private static DeviceHead Drm(ReadOnlySpan<char> m, ReadOnlySpan<char> driver, PciAddress? address)
    {
        int close = m.IndexOf("] ", StringComparison.Ordinal);
        if (close < 0)
            return default;
        ReadOnlySpan<char> inside = m[..close], words = m[(close + 2)..].TrimStart(' ');
        if (words.StartsWith("*ERROR*", StringComparison.Ordinal))
            words = words["*ERROR*".Length..].TrimStart(' ');
        int module = inside.LastIndexOf('[');
        if (driver.IsEmpty)
            driver = module > 0 ? inside[(module + 1)..].TrimEnd(']') : "drm";
        return new(driver, default, address ?? AddressIn(words), default, words);
    }

    private static bool IsName(ReadOnlySpan<char> name)
    {
        foreach (char c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-' or '.' or '@'))
                return false;
        }
        return name.Length > 0;
    }
}
