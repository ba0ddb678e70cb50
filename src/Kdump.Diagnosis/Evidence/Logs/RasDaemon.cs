using Kdump.Diagnosis.Evidence.Pci;
using Kdump.Diagnosis.MachineChecks;
using Kdump.Diagnosis.MachineChecks.Records;
using Kdump.Diagnosis.Pci;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>
/// Hardware errors as rasdaemon keeps them: its lines in a journal (<c>mce_record: …, status= 9c20…</c>, <c>mc_event:</c>,
/// <c>aer_event:</c>), what
/// <c>ras-mc-ctl --errors</c> prints out of its database, and the kernel's own trace (include/trace/events/mce.h). Where it runs, the
/// kernel's log often says no more than that events were logged.
/// </summary>
public sealed class RasDaemon : LineParser
{
    /// <summary>The most lines of which one row that the terminal folded is put together.</summary>
    private const int MostFolded = 10;

    private MachineCheck? open;
    private readonly List<Source> folded = [];

    public override string Kind => "rasdaemon";

    public override IReadOnlyList<string> Signs =>
        ["mce_record:", "mc_event:", "aer_event:", "mcgstatus=", "mcgcap=", "status=0x", " error(s): ", " Corrected error: ",
        "Uncorrected (", "status= ", " error: "];

    public override bool Busy => folded.Count > 0;

    public override bool Within(in TextLine line, Facts facts) => Line(line, facts);

    public override bool Line(in TextLine line, Facts facts)
    {
        ReadOnlySpan<char> text = line.Text;
        if (Folded(text, line, facts))
            return true;
        var c = new TextCursor(text);
        if (c.SkipPast("mce_record: "))
            return Record(c.Rest.TrimStart(), line, facts);
        if (c.SkipPast("mc_event: "))
            return Memory(c.Rest, " on ", line, facts);
        if (c.SkipPast("aer_event: "))
            return Device(c.Rest, line, facts);
        // The text of an error code may hold a line break, and the registers stand behind it.
        if (open is not null && text.Contains("mcgstatus=", StringComparison.Ordinal))
        {
            open.Add(line.ToSource());
            return Registers(text, line.ToSource(), facts);
        }
        if (text.Contains("mcgstatus=", StringComparison.Ordinal) && text.Contains("status=0x", StringComparison.Ordinal))
        {
            Begin(line);
            return Registers(text, line.ToSource(), facts);
        }
        return Listed(text, line, facts);
    }

    public override void End(Facts facts)
    {
        Unfold(facts);
        open = null;
    }

    /// <summary>
    /// <c>112 2023-05-31 10:06:19 -0400 error: MEMORY CONTROLLER RD_CHANNEL0_ERR</c>, and what belongs to it on the lines below, cut where
    /// the terminal or a mailer found a blank.
    /// </summary>
    private bool Folded(ReadOnlySpan<char> text, in TextLine line, Facts facts)
    {
        bool row = IsRow(text, out bool record) && record;
        if (folded.Count > 0 && !row && folded.Count < MostFolded && text.Length > 0 && text.IndexOf('[') != 0)
        {
            folded.Add(line.ToSource());
            return true;
        }
        Unfold(facts);
        if (!row || text.Contains("mcgcap=", StringComparison.Ordinal))
            return false;
        folded.Add(line.ToSource());
        return true;
    }

    private void Unfold(Facts facts)
    {
        if (folded.Count == 0)
            return;
        string whole = string.Join(' ', folded.Select(s => s.Text.Trim()));
        Source[] lines = [.. folded];
        folded.Clear();
        if (!whole.Contains("status=0x", StringComparison.Ordinal))
            return;
        open = new MachineCheck { Via = "rasdaemon" };
        foreach (Source source in lines)
            open.Add(source);
        Registers(whole, lines[0], facts);
    }

    private static bool IsRow(ReadOnlySpan<char> text, out bool record)
    {
        var c = new TextCursor(text);
        bool row = c.Number(out _) && c.Word() is { Length: 10 } date && date[4] == '-' && c.Word() is { Length: 8 } time && time[2] ==
            ':' &&
            c.Word() is { Length: 5 };
        record = row && c.Rest.TrimStart(' ').StartsWith("error: ", StringComparison.Ordinal);
        return row;
    }

    private void Begin(in TextLine line)
    {
        open = new MachineCheck { Via = "rasdaemon" };
        open.Add(line.ToSource());
    }

    private bool Record(ReadOnlySpan<char> text, in TextLine line, Facts facts)
    {
        Begin(line);
        if (text.StartsWith("CPU: ", StringComparison.Ordinal))
        {
            MachineCheck record = open!;
            open = null;
            record.Via = null;
            if (!RasFields.Traced(text, record))
                return false;
            facts.Add(new MachineCheckSeen(record.Sources[0], record));
            return true;
        }
        if (!text.Contains("mcgstatus=", StringComparison.Ordinal))
        {
            RasFields.Take(text, open!);
            return true;
        }
        return Registers(text, line.ToSource(), facts);
    }

    /// <summary>The record is whole.</summary>
    private bool Registers(ReadOnlySpan<char> text, Source source, Facts facts)
    {
        MachineCheck record = open!;
        open = null;
        RasFields.Take(text, record);
        if (record.Status is null)
            return false;
        string place = Place(text);
        facts.Add(new MachineCheckSeen(record.Sources[0], record));
        if (place.Length > 0)
            facts.Add(new EdacError(source, 1, record.Uncorrected, place, "") { By = "rasdaemon" });
        return true;
    }

    /// <summary>Rows of <c>ras-mc-ctl --errors</c>: number, date, time, zone, then what it was.</summary>
    private static bool Listed(ReadOnlySpan<char> text, in TextLine line, Facts facts)
    {
        var c = new TextCursor(text);
        if (!c.Number(out _) || c.Word() is not { Length: 10 } date || date[4] != '-' || c.Word() is not { Length: 8 } time ||
            time[2] != ':' || c.Word() is not { Length: 5 })
            return false;
        c.SkipSpaces();
        return Memory(c.Rest, " at ", line, facts) || Row(c.Rest, line, facts);
    }

    /// <summary>
    /// <c>1 Corrected error: memory read error on LABEL (mc: 0 …)</c>, <c>1 Corrected error(s): memory read error at LABEL location: …</c>
    /// </summary>
    private static bool Memory(ReadOnlySpan<char> text, string before, in TextLine line, Facts facts)
    {
        int at = text.IndexOf(" Corrected error", StringComparison.Ordinal),
            bad = text.IndexOf(" Uncorrected error", StringComparison.Ordinal),
            fatal = text.IndexOf(" Fatal error", StringComparison.Ordinal);
        int severity = new[] { at, bad, fatal }.Where(i => i >= 0).DefaultIfEmpty(-1).Min();
        if (severity <= 0)
            return false;
        ReadOnlySpan<char> count = text[..severity];
        count = count[(count.LastIndexOf(' ') + 1)..];
        var c = new TextCursor(text[severity..]);
        if (!long.TryParse(count, out long number) || number is < 1 or > int.MaxValue || !c.SkipPast(": ") || !c.SkipPast(before))
            return false;
        int end = c.Rest.IndexOf(before == " on " ? " (" : " location:", StringComparison.Ordinal);
        ReadOnlySpan<char> label = (end < 0 ? c.Rest : c.Rest[..end]).Trim();
        if (label.IsEmpty)
            return false;
        facts.Add(new EdacError(line.ToSource(), number, severity != at, label.ToString(), end < 0 ? ""
            : c.Rest[end..].Trim(" ()").ToString()) { By = "rasdaemon" });
        return true;
    }

    /// <summary><c>2022-… 0000:01:00.0 (name - vendor_id: …) Corrected error: Receiver Error</c></summary>
    private static bool Device(ReadOnlySpan<char> text, in TextLine line, Facts facts)
    {
        for (var c = new TextCursor(text); c.SkipSpaces();)
        {
            ReadOnlySpan<char> rest = c.Rest;
            if (PciAddress.TryParse(c.Word(), out _))
                return Row(rest, line, facts);
        }
        return false;
    }

    /// <summary><c>0000:0b:00.0 Corrected error: Receiver Error, Bad TLP</c></summary>
    private static bool Row(ReadOnlySpan<char> text, in TextLine line, Facts facts)
    {
        var c = new TextCursor(text);
        if (!PciAddress.TryParse(c.Word(), out PciAddress device))
            return false;
        int at = c.Rest.IndexOf("Corrected error", StringComparison.Ordinal);
        at = at < 0 ? c.Rest.IndexOf("Uncorrected (", StringComparison.Ordinal) : at;
        if (at < 0 || Aer.SeverityOf(c.Rest[at..]) is not { } severity)
            return false;
        c = new TextCursor(c.Rest[at..]);
        ReadOnlySpan<char> names = c.SkipPast(": ") ? c.Rest : default;
        int header = names.IndexOf("TLP Header: ", StringComparison.Ordinal);
        uint bits = 0;
        foreach (Range part in (header < 0 ? names : names[..header]).Split(','))
        {
            ReadOnlySpan<char> name = names[part].Trim();
            int bit = AerBits.BitOf(name, severity == "corrected");
            if (bit < 0 && name.StartsWith("BIT", StringComparison.Ordinal) && int.TryParse(name[3..], out int number) && number is >= 0 and
                < 32)
                bit = number;
            bits |= bit >= 0 ? 1u << bit : 0;
        }
        var error = new AerError(line.ToSource(), device, severity, Layer(bits, severity == "corrected"), "") { Named = bits,
            Header = header < 0 ? null : Aer.HeaderOf(names[(header + "TLP Header: ".Length)..]) };
        error.Lines.Add(error.Source);
        facts.Add(error);
        return true;
    }

    /// <summary>The layer, which the line does not print but the bits tell.</summary>
    private static string Layer(uint bits, bool corrected)
    {
        if (corrected && (bits & 1) != 0)
            return "Physical Layer";
        return (bits & (corrected ? 0x11c0u : 0x30u)) != 0 ? "Data Link Layer" : "Transaction Layer";
    }

    /// <summary><c>memory_channel=0,csrow=1</c></summary>
    private static string Place(ReadOnlySpan<char> text)
    {
        int at = text.IndexOf("memory_channel=", StringComparison.Ordinal);
        if (at < 0)
            return "";
        ReadOnlySpan<char> rest = text[at..];
        int end = rest.IndexOf(", ", StringComparison.Ordinal);
        // A negative channel is what the daemon computes for a die that it does not know.
        return rest.StartsWith("memory_channel=-", StringComparison.Ordinal) ? "" : (end < 0 ? rest : rest[..end]).ToString();
    }
}
