using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>A driver complained about its device, in whatever words.</summary>
/// <param name="Driver"><c>igb</c></param>
/// <param name="Device"><c>0000:00:10.0</c></param>
/// <param name="Words">What stands behind them.</param>
public sealed record DeviceComplaint(Source Source, string Driver, string Device, string Words) : Fact(Source)
{
    private const double Minute = 60;
    private const int Lines = 400, MaxTold = 2;

    /// <summary>
    /// Messages about a device shortly before it failed, nearest first: they give the reason before any general
    /// sentence.
    /// </summary>
    public static IReadOnlyList<DeviceComplaint> Before(Source trouble, Boot? boot, Facts facts, Func<DeviceComplaint, bool> about)
    {
        var found = new List<DeviceComplaint>();
        IReadOnlyList<DeviceComplaint> all = facts.Of<DeviceComplaint>();
        for (int i = all.Count - 1; i >= 0 && found.Count < MaxTold; i--)
        {
            DeviceComplaint said = all[i];
            bool before = said.Boot == boot && said.Source.Input == trouble.Input && said.Source.Order < trouble.Order;
            if (before && IsNear(said.Source, trouble) && about(said) && !found.Exists(f => f.Words == said.Words))
                found.Add(said);
        }
        return found;
    }

    private static bool IsNear(Source said, Source trouble) =>
        said.Time is double a && trouble.Time is double b ? b - a is >= 0 and <= Minute : trouble.Order - said.Order <= Lines;
}

/// <summary>
/// Lines <c>DRIVER DEVICE: words</c> whose words report a problem. For each device the first few of a boot are kept: failures at
/// its start are there, and later lines repeat them.
/// </summary>
public sealed class DeviceComplaints : LineParser
{
    private const int MaxOfDevice = 8;

    /// <summary>Words of which one stands in a complaint. None of them alone makes a finding.</summary>
    private static readonly string[] Words =
    [
        "fail", "Fail", "FAIL", "rror", "nable to", "annot", "an't", "ot valid", "ot Valid", "nvalid", "imeout", "imed out",
        "ot respond", "ink Down", "ink down", "not present", "forcing 32bit", "nsupported", "ot supported", "ismatch", "orrupt", "dead",
        "lost", "inaccessible", "ot ready", "refus", "o suitable", "o usable", "nsufficient", "o compatible", "halted", "abort",
        "unreachable", "o response",
    ];

    /// <summary>Lines of others that may name a device, kept for its failure.</summary>
    private const int Recent = 12;

    private readonly Dictionary<string, int> told = new(StringComparer.Ordinal);
    private readonly LineRing recent = new(Recent);
    private Boot? boot;

    public override string Kind => "kernel log";

    public override IReadOnlyList<string> Signs => Words;

    public override bool Line(in TextLine line, Facts facts)
    {
        KernelLine kernel = line.Kernel;
        if (kernel.Foreign)
            return false;
        if (facts.Boot != boot)
            End(facts);
        boot = facts.Boot;
        if (recent.Count > 0 && Probed(kernel.Message) is { Length: > 3 } probed)
            Mentioned(probed, facts);
        if (!ProbeErrors.Speaker(kernel.Message, out ReadOnlySpan<char> driver, out ReadOnlySpan<char> device,
            out ReadOnlySpan<char> words))
        {
            recent.Add(line);
            return false;
        }
        string name = device.ToString();
        int before = told.GetValueOrDefault(name);
        if (before >= MaxOfDevice || (before == 0 && told.Count >= Facts.MaxPerType))
            return false;
        told[name] = before + 1;
        facts.Add(new DeviceComplaint(line.ToSource(), driver.ToString(), name, words.Trim().ToString()));
        // Other parsers read the same lines; a complaint alone does not make an input a recognised one.
        return false;
    }

    public override void End(Facts facts)
    {
        told.Clear();
        recent.Clear();
        boot = null;
    }

    /// <summary><c>virtio_blk: probe of virtio418 failed with error -16</c>, <c>DRIVER DEVICE: probe with driver … failed with
    /// …</c></summary>
    private static string? Probed(ReadOnlySpan<char> message)
    {
        if (!message.Contains(" failed with error -", StringComparison.Ordinal))
            return null;
        var c = new TextCursor(message);
        if (c.SkipPast(": probe of ") && c.Before(" failed with error -", out ReadOnlySpan<char> device))
            return device.ToString();
        c = new TextCursor(message);
        return c.Before(": probe with driver ", out ReadOnlySpan<char> both) && both.IndexOf(' ') is > 0 and var blank
            ? both[(blank + 1)..].ToString() : null;
    }

    /// <summary>What a subsystem said of the device by its name: <c>genirq: Flags mismatch irq 0. … (virtio418) vs. …</c></summary>
    private void Mentioned(string device, Facts facts)
    {
        for (int i = 0; i < recent.Count; i++)
        {
            TextLine said = recent[i];
            ReadOnlySpan<char> message = said.Kernel.Message;
            int at = message.IndexOf(device, StringComparison.Ordinal), end = at + device.Length;
            if (at <= 0 || char.IsAsciiLetterOrDigit(message[at - 1]) ||
                (end < message.Length && char.IsAsciiLetterOrDigit(message[end])) ||
                told.GetValueOrDefault(device) >= MaxOfDevice)
                continue;
            told[device] = told.GetValueOrDefault(device) + 1;
            int colon = message.IndexOf(": ", StringComparison.Ordinal);
            facts.Add(new DeviceComplaint(said.ToSource(), colon is > 0 and < 24 ? message[..colon].ToString() : "", device,
                message[(colon is > 0 and < 24 ? colon + 2 : 0)..].Trim().ToString()));
        }
        recent.Clear();
    }
}
