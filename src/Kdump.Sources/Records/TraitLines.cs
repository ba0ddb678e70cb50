using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Text;

namespace Kdump.Sources.Records;

/// <summary>Something that a machine has and others may not have: <c>firmware</c> "2.12.2 07/09/2021", <c>module</c> "nvidia".</summary>
public sealed record Trait(Source Source, string Name, string Value) : Fact(Source);

/// <summary>
/// Reads the parts and properties of a machine from its kernel log, so that the machines of one kind of crash can be compared with
/// the others. Lines of drivers/firmware/dmi_scan.c, arch/x86/kernel/cpu/microcode, arch/x86/kernel/smpboot.c, drivers/pci/probe.c,
/// drivers/scsi/scsi_scan.c, drivers/ata/libata-core.c, kernel/module/main.c (print_modules), and of drivers that name their
/// firmware.
/// </summary>
public sealed class TraitLines : LineParser
{
    /// <summary>Limit for one machine; a log with more holds something else.</summary>
    private const int MaxTraits = 2000, MaxValue = 120;

    private readonly HashSet<(string Name, string Value)> known = [];
    private bool listing;

    /// <summary>For the line with the heading of the list: its time, whether it had the kernel's stamp, its length.</summary>
    private (double? Time, bool Stamped, int Length) head;

    public override string Kind => "kernel log";

    public override IReadOnlyList<string> Signs =>
    [
        "DMI: ", "Hardware name: ", "microcode", "CPU0: ", "] type 0", "Direct-Access ", "ATA-", "Modules linked in:", "irmware", ": fw ",
            "FW version",
    ];

    /// <summary>A list of modules goes on in the next line.</summary>
    public override bool Busy => listing;

    public override bool Line(in TextLine line, Facts facts)
    {
        ReadOnlySpan<char> m = line.Kernel.Message;
        bool goesOn = listing && GoesOn(line);
        listing = false;
        if (goesOn)
            listing = Modules(m, line, facts);
        else if (m.StartsWith("Modules linked in:", StringComparison.Ordinal))
        {
            head = (line.Kernel.Time, line.Kernel.Stamped, m.Length);
            listing = Modules(m["Modules linked in:".Length..], line, facts);
        }
        else if (m.StartsWith("DMI: ", StringComparison.Ordinal))
            Board(m["DMI: ".Length..], named: false, line, facts);
        else if (m.StartsWith("Hardware name: ", StringComparison.Ordinal))
            Board(m["Hardware name: ".Length..], named: true, line, facts);
        else if (m.StartsWith("microcode: ", StringComparison.Ordinal))
            Microcode(m, line, facts);
        else if (m.StartsWith("smpboot: CPU0: ", StringComparison.Ordinal))
            Add("cpu", Until(m["smpboot: CPU0: ".Length..], " (family"), line, facts);
        else if (m.StartsWith("pci ", StringComparison.Ordinal))
            Card(m, line, facts);
        else if (m.StartsWith("scsi ", StringComparison.Ordinal) && m.IndexOf("Direct-Access ", StringComparison.Ordinal) is > 0 and
            var scsi)
            Add("disk", Until(m[(scsi + "Direct-Access ".Length)..], " PQ:"), line, facts);
        else if (m.StartsWith("ata", StringComparison.Ordinal) && m.IndexOf(": ATA-", StringComparison.Ordinal) is > 0 and var ata &&
            m[(ata + 2)..].IndexOf(": ", StringComparison.Ordinal) is > 0 and var model)
            Add("disk", Until(m[(ata + 2 + model + 2)..], ", max "), line, facts);
        else
            Firmware(m, line, facts);
        // Other parsers use these lines as well.
        return false;
    }

    public override bool Within(in TextLine line, Facts facts)
    {
        listing = GoesOn(line) && Modules(line.Kernel.Message, line, facts);
        return false;
    }

    public override void End(Facts facts)
    {
        known.Clear();
        listing = false;
    }

    /// <summary>
    /// <c>Dell Inc. PowerEdge R740/0WRPXK, BIOS 2.12.2 07/09/2021</c>: dmi_format_ids() always ends so. Other lines that begin with
    /// <c>DMI: </c> count memory slots, or tell of a fault. Behind <c>Hardware name: </c> may also stand the name of a device tree, or an
    /// IBM machine's.
    /// </summary>
    private void Board(ReadOnlySpan<char> text, bool named, in TextLine line, Facts facts)
    {
        int bios = text.IndexOf(", BIOS ", StringComparison.Ordinal);
        if (bios < 0 && !named)
            return;
        ReadOnlySpan<char> model = (bios < 0 ? Until(text, " (DT)") : text[..bios]).Trim();
        // A vendor that is not set is printed as nothing, followed by the slash.
        if (model.IsEmpty || model[0] == '/')
            return;
        // After the last slash stands the number of the board, which may differ within one model.
        if (model.LastIndexOf('/') is > 0 and var slash && model[slash..].IndexOf(' ') < 0)
            model = model[..slash];
        Add("model", model, line, facts);
        if (bios > 0)
            Add("firmware", UpToDate(text[(bios + ", BIOS ".Length)..].Trim()), line, facts);
    }

    /// <summary>A version and its date, <c>07/09/2021</c>: another line may follow in the same one on a torn console.</summary>
    private static ReadOnlySpan<char> UpToDate(ReadOnlySpan<char> text)
    {
        for (int i = 0; i + 10 <= text.Length; i++)
        {
            if (text[i + 2] == '/' && text[i + 5] == '/' && char.IsAsciiDigit(text[i]) && char.IsAsciiDigit(text[i + 9]))
                return text[..(i + 10)];
        }
        return text;
    }

    /// <summary><c>microcode: Current revision: 0x00000036</c>, <c>microcode: sig=0x306f2, pf=0x1, revision=0x49</c>,
    /// <c>microcode: CPU0: patch_level=0x0a201016</c></summary>
    private void Microcode(ReadOnlySpan<char> m, in TextLine line, Facts facts)
    {
        foreach (string label in (ReadOnlySpan<string>)["evision: 0x", "revision=0x", "patch_level=0x", "to revision 0x"])
        {
            if (m.IndexOf(label, StringComparison.Ordinal) is >= 0 and var at)
            {
                ReadOnlySpan<char> digits = m[(at + label.Length)..];
                int end = digits.IndexOfAnyExcept("0123456789abcdefABCDEF");
                Add("microcode", $"0x{(end < 0 ? digits : digits[..end]).TrimStart('0')}", line, facts);
                return;
            }
        }
    }

    /// <summary><c>pci 0000:3b:00.0: [8086:1572] type 00 class 0x020000</c></summary>
    private void Card(ReadOnlySpan<char> m, in TextLine line, Facts facts)
    {
        int at = m.IndexOf(": [", StringComparison.Ordinal);
        if (at < 0 || m.Length < at + 13 || m[at + 7] != ':' || m[at + 12] != ']')
            return;
        // Bridges and the processor's own functions do not distinguish machines.
        int kind = m.IndexOf("class 0x", StringComparison.Ordinal);
        if (kind > 0 && !m[(kind + 8)..].StartsWith("06", StringComparison.Ordinal) &&
            !m[(kind + 8)..].StartsWith("08", StringComparison.Ordinal))
            Add("card", m.Slice(at + 3, 9), line, facts);
    }

    /// <summary>A driver and its device, and then the firmware that it found there: <c>i40e 0000:3b:00.0: fw 8.3.64775 api
    /// 1.13</c></summary>
    private void Firmware(ReadOnlySpan<char> m, in TextLine line, Facts facts)
    {
        int blank = m.IndexOf(' ');
        if (blank is < 2 or > 32 || m.Length < blank + 14 || !PciAddress.TryParse(Until(m[(blank + 1)..], ": "), out _))
            return;
        ReadOnlySpan<char> said = m[(blank + 1 + m[(blank + 1)..].IndexOf(": ", StringComparison.Ordinal) + 2)..];
        foreach (string label in (ReadOnlySpan<string>)["irmware version: ", "irmware version ", "irmware: ", "FW version: ", "fw "])
        {
            int at = said.IndexOf(label, StringComparison.Ordinal);
            // "fw" as a word of its own at the beginning, not inside another.
            if (at < 0 || (label == "fw " && at != 0))
                continue;
            ReadOnlySpan<char> version = said[(at + label.Length)..].Trim();
            int end = version.IndexOfAny(" ,;)");
            version = end < 0 ? version : version[..end];
            if (version.ContainsAnyInRange('0', '9'))
                Add("device firmware", $"{m[..blank]} {version}", line, facts);
            return;
        }
    }

    /// <summary>
    /// Printk breaks a long list into records of one moment, a screen or a mail into lines without a stamp. Anything else after a
    /// list (a login prompt, another program's line) is not from the kernel: names of users and hosts would be taken for modules.
    /// </summary>
    private bool GoesOn(in TextLine line)
    {
        const int leastBroken = 60, mostApart = 10_000;
        KernelLine kernel = line.Kernel;
        if (kernel.Foreign || kernel.Stamped != head.Stamped || head.Length < leastBroken || kernel.Message.IsEmpty)
            return false;
        if (head.Time is { } time && !(kernel.Time is { } now && Math.Abs(now - time) * 1e6 <= mostApart))
            return false;
        foreach (Range range in kernel.Message.Split(' '))
        {
            ReadOnlySpan<char> word = kernel.Message[range].Trim();
            if (word.StartsWith("[last", StringComparison.Ordinal))
                break;
            int mark = word.IndexOf('(');
            if ((mark < 0 ? word : word[..mark]).ContainsAnyExcept("abcdefghijklmnopqrstuvwxyz0123456789_"))
                return false;
        }
        return true;
    }

    /// <summary>True: the list may go on in the next line.</summary>
    private bool Modules(ReadOnlySpan<char> text, in TextLine line, Facts facts)
    {
        foreach (Range range in text.Split(' '))
        {
            ReadOnlySpan<char> word = text[range].Trim();
            if (word.IsEmpty)
                continue;
            if (word[0] == '[')
                return false;
            int mark = word.IndexOf('(');
            ReadOnlySpan<char> name = mark < 0 ? word : word[..mark];
            if (name.IsEmpty || name.ContainsAnyExcept("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"))
                return false;
            Add("module", name, line, facts);
            if (mark > 0 && word[mark..].IndexOf('O') > 0)
                Add("foreign module", name, line, facts);
        }
        return true;
    }

    private static ReadOnlySpan<char> Until(ReadOnlySpan<char> text, string end) =>
        text.IndexOf(end, StringComparison.Ordinal) is >= 0 and var at ? text[..at] : text;

    private void Add(string name, ReadOnlySpan<char> value, in TextLine line, Facts facts)
    {
        string shown = string.Join(' ', value.Trim().ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries));
        if (shown.Length is > 0 and <= MaxValue && known.Count < MaxTraits && known.Add((name, shown)))
            facts.Add(new Trait(line.ToSource(), name, shown));
    }
}
