using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Pci;

/// <summary>A device was put into an IOMMU group: the IOMMU cannot tell the devices of one group apart.</summary>
public sealed record IommuGroupMember(Source Source, PciAddress Device, int Group) : Fact(Source);

/// <summary>A device was taken out of its group again, which only an initialisation does that rolls back.</summary>
public sealed record IommuGroupLeft(Source Source, PciAddress Device, int Group) : Fact(Source);

/// <summary>The IOMMU could not give a device a domain.</summary>
public sealed record IommuDomainFailed(Source Source, PciAddress? Device, string Words) : Fact(Source);

/// <summary>A parameter of the IOMMU, wherever the text names it: a command line, a boot loader's file, a report.</summary>
public sealed record IommuParameter(Source Source, string Text) : Fact(Source);

/// <summary>A kernel option of the IOMMU's default, in a config or quoted from one.</summary>
public sealed record IommuDefault(Source Source, string Option, bool On) : Fact(Source);

/// <summary>Reads group lines of all kernels, and what is said about the IOMMU's settings.</summary>
public sealed class IommuGroups : LineParser
{
    public override string Kind => "kernel log";

    public override IReadOnlyList<string> Signs => ["iommu", "IOMMU", "Iommu", "private", "DMAR"];

    public override bool Line(in TextLine line, Facts facts)
    {
        ReadOnlySpan<char> text = line.Text;
        bool iommu = text.Contains("iommu", StringComparison.Ordinal) || text.Contains("IOMMU", StringComparison.Ordinal) ||
            text.Contains("Iommu", StringComparison.Ordinal);
        if (!iommu && !text.Contains("private", StringComparison.Ordinal) && !text.Contains("DMAR", StringComparison.Ordinal))
            return false;
        KernelLine kernel = line.Kernel;
        ReadOnlySpan<char> m = kernel.Message;
        bool taken = Group(m, line, facts) || Failed(m, kernel.Stamped, line, facts);
        if (iommu && !taken)
            Settings(text, line, facts);
        return taken;
    }

    /// <summary>
    /// <c>iommu: Adding device 0000:00:1c.0 to group 17</c> up to 5.x, <c>pci 0000:00:1c.0: Adding to iommu group 17</c> since; also
    /// removals.
    /// </summary>
    private static bool Group(ReadOnlySpan<char> m, in TextLine line, Facts facts)
    {
        var c = new TextCursor(m);
        bool leaving = c.Skip("iommu: Removing device ");
        if (leaving || c.Skip("iommu: Adding device "))
        {
            if (!PciAddress.TryParse(c.Word(), out PciAddress device) || !(c.SkipPast("group ") && c.Number(out long group)))
                return false;
            Add(facts, line, device, group, leaving);
            return true;
        }
        if (Aer.DeviceOf(m, out PciAddress named, out ReadOnlySpan<char> words))
        {
            var w = new TextCursor(words);
            leaving = w.Skip("Removing from iommu group ");
            if ((leaving || w.Skip("Adding to iommu group ")) && w.Number(out long group))
            {
                Add(facts, line, named, group, leaving);
                return true;
            }
        }
        return false;
    }

    private static void Add(Facts facts, in TextLine line, PciAddress device, long group, bool leaving)
    {
        if (group is < 0 or > 1_000_000)
            return;
        if (leaving)
            facts.Add(new IommuGroupLeft(line.ToSource(), device, (int)group));
        else
            facts.Add(new IommuGroupMember(line.ToSource(), device, (int)group));
    }

    private static bool Failed(ReadOnlySpan<char> m, bool stamped, in TextLine line, Facts facts)
    {
        bool failed = m.Contains("Failed to get a private domain", StringComparison.Ordinal) ||
            m.Contains("Failed to add to iommu group", StringComparison.Ordinal) ||
            m.Contains("Failed to add device to iommu group", StringComparison.Ordinal) ||
                (m.StartsWith("iommu: Failed", StringComparison.Ordinal) && m.Contains("group", StringComparison.Ordinal)) ||
            m.Contains("failed to allocate default IOMMU domain", StringComparison.OrdinalIgnoreCase);
        // The kernel takes another kind of domain, and says so in the same line.
        if (m.Contains("Falling back to", StringComparison.Ordinal))
            return false;
        // A quoted source file holds the same words; a log line has the kernel's stamp or names its device.
        bool named = Aer.DeviceOf(m, out PciAddress device, out _);
        if (!failed || (!stamped && !named))
            return false;
        facts.Add(new IommuDomainFailed(line.ToSource(), named ? device : null, m.Trim().ToString()));
        return true;
    }

    private static void Settings(ReadOnlySpan<char> text, in TextLine line, Facts facts)
    {
        foreach (string option in (ReadOnlySpan<string>)["CONFIG_INTEL_IOMMU_DEFAULT_ON", "CONFIG_INTEL_IOMMU_DEFAULT_ON_INTGPU_OFF",
            "CONFIG_IOMMU_DEFAULT_DMA_STRICT"])
        {
            int at = text.IndexOf(option, StringComparison.Ordinal);
            if (at < 0)
                continue;
            ReadOnlySpan<char> behind = text[(at + option.Length)..];
            if (behind.StartsWith("=y", StringComparison.Ordinal) || behind.StartsWith(" is not set", StringComparison.Ordinal) ||
                behind.StartsWith("=n", StringComparison.Ordinal))
                facts.Add(new IommuDefault(line.ToSource(), option, behind.StartsWith("=y", StringComparison.Ordinal)));
        }
        var words = new List<string>();
        var seen = new HashSet<string>();
        foreach (string name in (ReadOnlySpan<string>)["intel_iommu=", "amd_iommu=", "iommu="])
        {
            int from = 0;
            while (text[from..].IndexOf(name, StringComparison.Ordinal) is >= 0 and var at)
            {
                from += at;
                int end = from + name.Length;
                while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] is ',' or '_'))
                    end++;
                bool whole = from == 0 || !(char.IsAsciiLetterOrDigit(text[from - 1]) || text[from - 1] == '_');
                if (whole && end > from + name.Length && seen.Add(text[from..end].ToString()))
                    words.Add(text[from..end].TrimEnd(',').ToString());
                from = end;
            }
        }
        if (words.Count > 0)
            facts.Add(new IommuParameter(line.ToSource(), string.Join(' ', words)));
    }
}
