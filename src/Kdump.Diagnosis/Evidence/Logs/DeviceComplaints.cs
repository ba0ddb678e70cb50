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
/// Lines <c>DRIVER DEVICE: words</c> whose words speak of trouble. For each device the first few of a boot are kept: failures at
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

    private readonly Dictionary<string, int> told = new(StringComparer.Ordinal);
    private Boot? boot;

    public override string Kind => "kernel log";

    public override IReadOnlyList<string> Signs => Words;

    public override bool Line(in TextLine line, Facts facts)
    {
        KernelLine kernel = line.Kernel;
        if (kernel.Foreign || !ProbeErrors.Speaker(kernel.Message, out ReadOnlySpan<char> driver, out ReadOnlySpan<char> device,
            out ReadOnlySpan<char> words))
            return false;
        if (facts.Boot != boot)
            told.Clear();
        boot = facts.Boot;
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
        boot = null;
    }
}
