using Kdump.Diagnosis.Pci;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Pci;

/// <summary>A device reported PCIe errors: aer_print_error() in drivers/pci/pcie/aer.c, all wordings since 2.6.</summary>
/// <param name="Severity">corrected, non-fatal or fatal.</param>
/// <param name="Layer">Physical, Data Link, Transaction; Inaccessible when the device no longer answers.</param>
/// <param name="Agent">Receiver, Requester, Completer or Transmitter: which part the device played.</param>
public sealed record AerError(Source Source, PciAddress Device, string Severity, string Layer, string Agent) : Fact(Source)
{
    public string? Ids { get; set; }

    public uint? Status { get; set; }

    public uint? Mask { get; set; }

    /// <summary>Bits that were printed by name, when the status word was not printed.</summary>
    public uint Named { get; set; }

    public int? First { get; set; }

    public Tlp? Header { get; set; }

    public bool OldForm { get; set; }

    public List<Source> Lines { get; } = [];

    public bool Corrected => Severity == "corrected";

    /// <summary>The bits that count: masked errors are recorded but not reported.</summary>
    public uint Reasons => Status is { } s ? s & ~(Mask ?? 0) : Named;
}

/// <summary>A root port received an error message and names its sender.</summary>
/// <param name="From">Null when the message's source id was not printed.</param>
public sealed record AerMessage(Source Source, PciAddress Port, string Severity, bool Multiple, PciAddress? From, bool OldForm)
    : Fact(Source)
{
    /// <summary>No device below the port still showed an error when the kernel looked.</summary>
    public bool NothingFound { get; set; }
}

/// <summary>One step of the kernel's recovery: drivers/pci/pcie/err.c.</summary>
/// <param name="Driver">The driver that printed the line: <c>pcieport</c>, or the driver of a device that takes no part.</param>
public sealed record AerStep(Source Source, PciAddress Port, string Step, double? Time, string Driver) : Fact(Source)
{
    /// <summary>The driver has no error handler, so the recovery of all devices below the port is given up.</summary>
    public bool Veto => Step.Contains("no error_detected callback", StringComparison.Ordinal) ||
        Step.Contains("no AER-aware driver", StringComparison.Ordinal) || Step == "device has no driver";
}

/// <summary>How the recovery ended.</summary>
public sealed record AerOutcome(Source Source, PciAddress Port, bool Recovered, double? Time) : Fact(Source);

/// <summary>The error was put there for a test: aer-inject.</summary>
public sealed record AerInjected(Source Source, PciAddress Device) : Fact(Source);

/// <summary>Downstream Port Containment switched a port off.</summary>
public sealed record PortContained(Source Source, PciAddress Port, string Words) : Fact(Source)
{
    /// <summary>The DPC status register, where printed: PCI Express Base Specification 7.9.14.5.</summary>
    public uint? Status { get; init; }

    /// <summary>The id of the device whose error message triggered it; 0 otherwise.</summary>
    public int Sender { get; init; }

    /// <summary>What triggered it, from the status word.</summary>
    public string? Trigger => Status is not { } s || s == 0xffff || (s & 1) == 0 ? null : (s >> 1 & 3) switch
    {
        0 => "an uncorrected error that the port itself saw",
        1 => $"a non-fatal error message{By}",
        2 => $"a fatal error message{By}",
        _ => (s >> 5 & 3) switch
        {
            0 => "a failed programmed access of the CPU (RP PIO)",
            1 => "software",
            _ => "a reason that the status does not name",
        },
    };

    private string By => Sender == 0 ? "" : $" of {PciAddress.FromRequesterId(Port.Segment, Sender)}";
}

/// <summary>Reads AER and DPC lines of every kernel.</summary>
public sealed class Aer : LineParser
{
    /// <summary>The most lines of other speakers between the lines of one error, when several CPUs print at once.</summary>
    private const int Between = 64;

    private AerError? open;
    private int others;

    /// <summary>Errors of other devices whose lines may still come.</summary>
    private readonly List<AerError> beside = [];

    public override string Kind => "kernel log";

    public override IReadOnlyList<string> Signs =>
        ["AER:", "AER ", "PCIe ", "DPC:", "DPC ", "aer_inject", "message", "recover", "Recover", "RECOVER",
            "can't find device of ID", "AER-aware", "device has no driver", "EDR:", "(First)"];

    public override bool Busy => open is not null;

    public override bool Within(in TextLine line, Facts facts)
    {
        if (Line(line, facts))
            return true;
        if (++others > Between)
            Forget();
        return false;
    }

    public override bool Line(in TextLine line, Facts facts)
    {
        KernelLine kernel = KernelLine.Parse(line.Text.TrimStart('`'));
        if (!DeviceOf(kernel.Message, out PciAddress device, out ReadOnlySpan<char> words))
            return false;
        if (words.StartsWith("AER: ", StringComparison.Ordinal))
            words = words["AER: ".Length..];
        return Error(words, device, line, facts) || Part(words, device, line) || Orphan(words, device, line, facts) ||
            Message(words, device, line, facts) ||
            Step(words, device, kernel.Time, DriverOf(kernel.Message), line, facts);
    }

    public override void End(Facts facts) => Forget();

    private void Forget()
    {
        open = null;
        beside.Clear();
    }

    /// <summary><c>DRIVER ADDRESS[ name]: words</c></summary>
    internal static bool DeviceOf(ReadOnlySpan<char> m, out PciAddress device, out ReadOnlySpan<char> words)
    {
        device = default;
        words = default;
        int blank = m.IndexOf(' ');
        if (blank is <= 0 or > 40)
            return false;
        ReadOnlySpan<char> rest = m[(blank + 1)..];
        int end = rest.IndexOf(' ');
        ReadOnlySpan<char> address = (end < 0 ? rest : rest[..end]).TrimEnd(':');
        if (!PciAddress.TryParse(address, out device))
            return false;
        int colon = rest[address.Length..].IndexOf(": ", StringComparison.Ordinal);
        if (colon < 0)
            return false;
        words = rest[(address.Length + colon + 2)..];
        return true;
    }

    internal static string? SeverityOf(ReadOnlySpan<char> words)
    {
        if (words.StartsWith("Corrected", StringComparison.Ordinal) || words.StartsWith("Correctable", StringComparison.Ordinal))
            return "corrected";
        if (!words.StartsWith("Uncorrect", StringComparison.Ordinal))
            return null;
        return words.IndexOf("(Fatal)", StringComparison.Ordinal) is >= 0 and < 20 ? "fatal" : "non-fatal";
    }

    private bool Error(ReadOnlySpan<char> words, PciAddress device, in TextLine line, Facts facts)
    {
        var c = new TextCursor(words.TrimStart(' '));
        if (!c.Skip("PCIe Bus Error: severity="))
            return false;
        string? severity = SeverityOf(c.Rest);
        if (severity is null || !c.Before(", type=", out _) || !c.Before(",", out ReadOnlySpan<char> layer))
            return false;
        // "id=00e5(Receiver ID)" before 4.20, "(Receiver ID)" since.
        bool old = c.Rest.Contains("id=", StringComparison.Ordinal);
        ReadOnlySpan<char> agent = c.SkipPast("(") && c.Before(")", out ReadOnlySpan<char> inside) ? inside : default;
        PutAside();
        open = new AerError(line.ToSource(), device, severity, layer.Trim().ToString(), agent.ToString()) { OldForm = old };
        open.Lines.Add(open.Source);
        others = 0;
        facts.Add(open);
        return true;
    }

    private void PutAside()
    {
        const int Most = 8;
        if (open is null)
            return;
        beside.RemoveAll(e => e.Device == open.Device);
        if (beside.Count == Most)
            beside.RemoveAt(0);
        beside.Add(open);
    }

    /// <summary>The lines under the error: status and mask, bits, header.</summary>
    private bool Part(ReadOnlySpan<char> words, PciAddress device, in TextLine line)
    {
        if (open?.Device != device && beside.Find(e => e.Device == device) is { } other)
        {
            // Two ports report at once, and their lines are mixed.
            beside.Remove(other);
            PutAside();
            open = other;
        }
        if (open is null || open.Device != device)
            return false;
        var c = new TextCursor(words.TrimStart(' '));
        if (c.Skip("device ["))
        {
            if (c.Before("]", out ReadOnlySpan<char> ids))
                open.Ids = ids.ToString();
            if (c.SkipPast("error status/mask=") && c.Hex(out ulong status) && c.Skip("/") && c.Hex(out ulong mask) &&
                status <= uint.MaxValue && mask <= uint.MaxValue)
                (open.Status, open.Mask) = ((uint)status, (uint)mask);
        }
        else if (c.Skip("["))
        {
            c.SkipSpaces();
            if (!c.Number(out long bit) || bit is < 0 or > 31 || !c.Skip("]"))
                return false;
            open.Named |= 1u << (int)bit;
            if (c.Rest.Contains("(First)", StringComparison.Ordinal))
                open.First = (int)bit;
        }
        else if (c.Skip("TLP Header"))
        {
            if (!c.SkipPast(": "))
                return false;
            open.Header = HeaderOf(c.Rest);
        }
        else if (!words.Contains("Error of this Agent", StringComparison.Ordinal))
            return false;
        if (open.Lines.Count < 12)
            open.Lines.Add(line.ToSource());
        others = 0;
        return true;
    }

    /// <summary>
    /// <c>ath11k_pci 0000:01:00.0:    [ 0] RxErr   (First)</c> where its head was cut off: the bit's name tells which register it is of.
    /// </summary>
    private bool Orphan(ReadOnlySpan<char> words, PciAddress device, in TextLine line, Facts facts)
    {
        var c = new TextCursor(words.TrimStart(' '));
        if (!c.Skip("["))
            return false;
        c.SkipSpaces();
        if (!c.Number(out long bit) || bit is < 0 or > 31 || !c.Skip("] "))
            return false;
        ReadOnlySpan<char> name = c.Word();
        bool corrected = AerBits.BitOf(name, correctable: true) == bit;
        if (!corrected && AerBits.BitOf(name, correctable: false) != bit)
            return false;
        string layer;
        if (corrected && bit == 0)
            layer = "Physical Layer";
        else
            layer = bit is 4 or 5 or 6 or 7 or 8 ? "Data Link Layer" : "Transaction Layer";
        PutAside();
        open = new AerError(line.ToSource(), device, corrected ? "corrected" : "non-fatal",
            layer, "")
        {
            Named = 1u << (int)bit,
            First = c.Rest.Contains("(First)", StringComparison.Ordinal) ? (int)bit : null,
        };
        open.Lines.Add(open.Source);
        others = 0;
        facts.Add(open);
        return true;
    }

    /// <summary>Four words, with 0x since 6.16 and without before.</summary>
    public static Tlp? HeaderOf(ReadOnlySpan<char> words)
    {
        Span<uint> header = stackalloc uint[4];
        var c = new TextCursor(words);
        for (int i = 0; i < 4; i++)
        {
            c.SkipSpaces();
            if (!c.Hex(out ulong word) || word > uint.MaxValue)
                return null;
            header[i] = (uint)word;
        }
        return Tlp.Decode(header[0], header[1], header[2], header[3]);
    }

    private static bool Message(ReadOnlySpan<char> words, PciAddress port, in TextLine line, Facts facts)
    {
        bool multiple = words.StartsWith("Multiple ", StringComparison.Ordinal);
        ReadOnlySpan<char> rest = multiple ? words["Multiple ".Length..] : words;
        if (rest.StartsWith("can't find device of ID", StringComparison.Ordinal) ||
            rest.StartsWith("found no error details", StringComparison.Ordinal))
        {
            if (facts.Of<AerMessage>() is [.., var last] && last.Port == port)
                last.NothingFound = true;
            return true;
        }
        if (SeverityOf(rest) is not { } severity || !rest.Contains(" received", StringComparison.Ordinal))
            return false;
        var c = new TextCursor(rest);
        PciAddress? from = null;
        bool old = false;
        if (c.SkipPast("received: ") || c.SkipPast("received from "))
        {
            old = c.Skip("id=");
            if (old)
                from = c.Hex(out ulong id) && id <= 0xffff ? PciAddress.FromRequesterId(port.Segment, (int)id) : null;
            else
                from = PciAddress.TryParse(c.Word(), out PciAddress sender) ? sender : null;
        }
        facts.Add(new AerMessage(line.ToSource(), port, severity, multiple, from,
            old) { NothingFound = rest.Contains("no details found", StringComparison.Ordinal) });
        return true;
    }

    private static string DriverOf(ReadOnlySpan<char> message) => message[..message.IndexOf(' ')].ToString();

    private bool Step(ReadOnlySpan<char> words, PciAddress port, double? time, string driver, in TextLine line, Facts facts)
    {
        var c = new TextCursor(words);
        if (c.Skip("broadcast ") && c.Before(" message", out ReadOnlySpan<char> step))
        {
            facts.Add(new AerStep(line.ToSource(), port, step.ToString(), time, driver));
            open = null;
            return true;
        }
        if (words.StartsWith("device recovery ", StringComparison.OrdinalIgnoreCase))
        {
            facts.Add(new AerOutcome(line.ToSource(), port, words.Contains("successful", StringComparison.Ordinal), time));
            return true;
        }
        if (words.StartsWith("can't recover", StringComparison.Ordinal) || words is "device has no AER-aware driver" or "device " +
            "has no driver" ||
            words.Contains("link has been reset", StringComparison.Ordinal) ||
            words.Contains("device reset failed", StringComparison.Ordinal))
        {
            facts.Add(new AerStep(line.ToSource(), port, words.ToString(), time, driver));
            return true;
        }
        if (c.Skip("aer_inject: Injecting errors ") && c.SkipPast("into device ") && PciAddress.TryParse(c.Word(), out PciAddress device))
        {
            facts.Add(new AerInjected(line.ToSource(), device));
            return true;
        }
        if (words.StartsWith("EDR: ", StringComparison.Ordinal))
        {
            facts.Add(new AerStep(line.ToSource(), port, words.ToString(), time, driver));
            return true;
        }
        if (c.Skip("DPC: ") || c.Skip("pciehp: DPC: "))
        {
            if (!words.Contains("containment event", StringComparison.Ordinal) && !words.Contains("detected", StringComparison.Ordinal))
                return false;
            TextCursor w = c;
            uint? status = w.SkipPast("status:") && w.Hex(out ulong value) && value <= 0xffff ? (uint)value : null;
            int sender = w.SkipPast("source:") && w.Hex(out ulong id) && id <= 0xffff ? (int)id : 0;
            facts.Add(new PortContained(line.ToSource(), port, c.Rest.ToString()) { Status = status, Sender = sender });
            return true;
        }
        return false;
    }
}
