using System.Globalization;
using Kdump.Diagnosis.Pci;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Pci;

/// <summary>
/// The Intel IOMMU refused a request: dmar_fault() in drivers/iommu/intel/dmar.c. No PCI segment is printed, so the device's segment
/// is not known.
/// </summary>
/// <param name="Reason">The hardware's code, whatever base it was printed in.</param>
/// <param name="Interrupt">An interrupt was refused, not memory; then <paramref name="Address"/> is its index in the remapping
/// table.</param>
public sealed record DmarFault(Source Source, PciAddress Device, bool Write, bool Interrupt, ulong Address, int Reason, uint? Pasid,
    double? Time) : Fact(Source);

/// <summary>The kernel did not print further faults: <c>dmar_fault: 12345 callbacks suppressed</c>.</summary>
public sealed record DmarSuppressed(Source Source, long Count) : Fact(Source);

/// <summary>What the kernel printed about copying the translation tables of the crashed kernel.</summary>
public sealed record DmarCopied(Source Source, string Words, bool Failed) : Fact(Source);

/// <summary>The interrupt remapping table has no entry left; not the same as CPU vectors.</summary>
public sealed record IrteExhausted(Source Source) : Fact(Source);

/// <summary>The invalidation queue stopped: a device with an address cache (ATS) that no longer answers, or a bad command.</summary>
public sealed record DmarQueueError(Source Source, string Words, PciAddress? Device) : Fact(Source);

/// <summary>Reads DMAR lines from 3.x on, split over two lines or not, decimal before 5.13 and hexadecimal since.</summary>
public sealed class Dmar : LineParser
{
    private (PciAddress Device, bool Write, bool Interrupt, ulong Address, uint? Pasid, Source Source, double? Time)? half;

    public override string Kind => "kernel log";

    public override IReadOnlyList<string> Signs => ["DMAR", "dmar", "INTR-REMAP", "IRTE"];

    public override bool Busy => half is not null;

    public override bool Line(in TextLine line, Facts facts)
    {
        if (!line.Text.Contains("DMAR", StringComparison.Ordinal) && !line.Text.Contains("dmar", StringComparison.Ordinal) &&
            !line.Text.Contains("INTR-REMAP", StringComparison.Ordinal) &&
            !line.Text.Contains("IRTE", StringComparison.Ordinal) && half is null)
            return false;
        KernelLine kernel = line.Kernel;
        ReadOnlySpan<char> m = kernel.Message;
        return Request(m, kernel.Time, line, facts) || Second(m, facts) || Other(m, line, facts);
    }

    public override void End(Facts facts) => half = null;

    private bool Request(ReadOnlySpan<char> m, double? time, in TextLine line, Facts facts)
    {
        var c = new TextCursor(m);
        bool interrupt = m.Contains("fault index", StringComparison.Ordinal);
        if (!c.Before("Request device [", out ReadOnlySpan<char> kind))
            return false;
        c.Skip("[");
        if (!c.Before("]", out ReadOnlySpan<char> name) || Address(name) is not { } device)
            return false;
        uint? pasid = null;
        TextCursor p = c;
        // ffffffff is "none"; 5.15 and later print NO_PASID instead.
        if ((p.SkipPast("PASID ") && p.Hex(out ulong id) && id < uint.MaxValue) ||
            (new TextCursor(kind) is var k && k.SkipPast("PASID 0x") && k.Hex(out id) && id < uint.MaxValue))
            pasid = (uint)id;
        if (!(interrupt ? c.SkipPast("fault index ") : c.SkipPast("fault addr ")))
            return false;
        if (!c.Hex(out ulong address))
            return false;
        bool write = kind.Contains("Write", StringComparison.OrdinalIgnoreCase);
        half = (device, write, interrupt, address, pasid, line.ToSource(), time);
        if (SkipPastReason(ref c))
            return Reason(c.Rest, facts);
        return true;
    }

    /// <summary>People who type or translate a log write it with a capital.</summary>
    private static bool SkipPastReason(ref TextCursor c) => c.SkipPast("[fault reason ") || c.SkipPast("[Fault reason ");

    private bool Second(ReadOnlySpan<char> m, Facts facts)
    {
        var c = new TextCursor(m);
        if (half is not null && SkipPastReason(ref c))
            return Reason(c.Rest, facts);
        // Xen: xen/drivers/passthrough/vtd/iommu.c iommu_page_fault_do_one.
        return half is not null && c.SkipPast("DMAR: reason ") && Reason($"{c.Rest.ToString().Split(' ')[0]}]", facts);
    }

    /// <summary>0x0c is the new form; 05 and 12 are decimal. Words decide where an old form could be read both ways.</summary>
    private bool Reason(ReadOnlySpan<char> rest, Facts facts)
    {
        int end = rest.IndexOf(']');
        if (half is not { } f || end <= 0)
            return false;
        ReadOnlySpan<char> digits = rest[..end];
        bool hex = digits.StartsWith("0x", StringComparison.Ordinal);
        if (!int.TryParse(hex ? digits[2..] : digits, hex ? NumberStyles.AllowHexSpecifier : NumberStyles.None,
            CultureInfo.InvariantCulture, out int reason))
            return false;
        facts.Add(new DmarFault(f.Source, f.Device, f.Write, f.Interrupt || DmarReason.IsInterrupt(reason), f.Address, reason, f.Pasid,
            f.Time));
        half = null;
        return true;
    }

    /// <summary><c>04:00.0</c>, and 5.13's <c>0x00:0x02.0</c>.</summary>
    private static PciAddress? Address(ReadOnlySpan<char> name)
    {
        string plain = name.ToString().Replace("0x", "", StringComparison.Ordinal);
        return PciAddress.TryParse(plain, out PciAddress device) ? device : null;
    }

    private static bool Other(ReadOnlySpan<char> m, in TextLine line, Facts facts)
    {
        var c = new TextCursor(m);
        if (m.Contains("Invalidation Time-out Error", StringComparison.Ordinal) ||
            m.Contains("Invalidation Completion Error", StringComparison.Ordinal) ||
            m.Contains("Invalidation Queue Error", StringComparison.Ordinal))
        {
            PciAddress? device = c.SkipPast("SID ") && c.Hex(out ulong sid) && sid is > 0 and <= 0xffff
                ? PciAddress.FromRequesterId(0, (int)sid) : null;
            facts.Add(new DmarQueueError(line.ToSource(), m.ToString(), device));
        }
        else if (m.Contains("callbacks suppressed", StringComparison.Ordinal) && c.SkipPast("dmar_fault: ") && c.Number(out long count))
            facts.Add(new DmarSuppressed(line.ToSource(), Math.Max(count, 0)));
        else if (m.Contains("allocate an IRTE", StringComparison.Ordinal) ||
            m.Contains("Failed to allocate IRTE", StringComparison.Ordinal))
            facts.Add(new IrteExhausted(line.ToSource()));
        else if (m.StartsWith("DMAR: ", StringComparison.Ordinal) &&
            (m.Contains("translation tables", StringComparison.Ordinal) ||
            m.Contains("copy translation structures", StringComparison.Ordinal) || m.Contains("IR table", StringComparison.Ordinal)))
            facts.Add(new DmarCopied(line.ToSource(), m["DMAR: ".Length..].ToString(), m.Contains("Failed", StringComparison.Ordinal)));
        else
            return m.Contains("handling fault status reg", StringComparison.Ordinal);
        return true;
    }
}
