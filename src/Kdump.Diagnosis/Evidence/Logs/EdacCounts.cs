using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>
/// Counts of memory errors that tools print: <c>edac-util -v</c>, <c>ras-mc-ctl --summary</c> and <c>--error-count</c>, <c>mcelog
/// --client</c>, and the files below /sys/devices/system/edac. They are totals since the machine or its database began, so none is an error
/// of a moment; counts of zero say nothing.
/// </summary>
public sealed class EdacCounts : LineParser
{
    private bool table;
    private string? dimm;
    private bool? uncorrected;

    public override string Kind => "EDAC counts";

    public override IReadOnlyList<string> Signs { get; } =
        [" Corrected Errors", " Uncorrected Errors", "_ce_count", "_ue_count", "on DIMM Label(s): ", "\tCE\tUE", "SOCKET ",
            "exceed threshold"];

    public override bool Busy => table || dimm is not null;

    public override bool Line(in TextLine line, Facts facts)
    {
        ReadOnlySpan<char> text = line.Text;
        if (table)
            return Row(text, line, facts);
        if (text.StartsWith("Label", StringComparison.Ordinal) && text.TrimEnd().EndsWith("\tCE\tUE", StringComparison.Ordinal))
            return table = true;
        return Client(text, line, facts) || Util(text, line, facts) || Daemon(text, line, facts) || Sysfs(text, line, facts) ||
            Summary(text, line, facts);
    }

    public override void End(Facts facts) => (table, dimm, uncorrected) = (false, null, null);

    private static void Count(in TextLine line, Facts facts, long count, bool uncorrected, string label)
    {
        if (count > 0)
            facts.Add(new EdacError(line.ToSource(), count, uncorrected, label, "") { Total = true });
    }

    /// <summary><c>mc#0csrow#3channel#0	2	0</c></summary>
    private bool Row(ReadOnlySpan<char> text, in TextLine line, Facts facts)
    {
        int last = text.LastIndexOf('\t'), before = last < 1 ? -1 : text[..last].LastIndexOf('\t');
        table = before > 0 && long.TryParse(text[(before + 1)..last], out _) && long.TryParse(text[(last + 1)..], out _);
        if (!table)
            return false;
        string label = text[..before].Trim().ToString();
        Count(line, facts, long.Parse(text[(before + 1)..last]), uncorrected: false, label);
        Count(line, facts, long.Parse(text[(last + 1)..]), uncorrected: true, label);
        return true;
    }

    /// <summary><c>SOCKET 0 CHANNEL 1 DIMM 0</c>, a name, then <c>corrected memory errors:</c> and <c>	12 total</c></summary>
    private bool Client(ReadOnlySpan<char> text, in TextLine line, Facts facts)
    {
        ReadOnlySpan<char> said = text.Trim();
        if (said.StartsWith("SOCKET ", StringComparison.Ordinal) && said.Contains(" CHANNEL ", StringComparison.Ordinal) &&
            said.Length < 64)
        {
            (dimm, uncorrected) = (said.ToString(), null);
            return true;
        }
        if (dimm is null)
            return false;
        if (said is "corrected memory errors:" or "uncorrected memory errors:")
        {
            uncorrected = said[0] == 'u';
            return true;
        }
        if (said.StartsWith("DMI_NAME \"", StringComparison.Ordinal))
        {
            dimm += $" ({said["DMI_NAME \"".Length..].Trim('"')})";
            return true;
        }
        var c = new TextCursor(said);
        if (c.Number(out long count) && c.Rest is " total" && uncorrected is { } lost)
        {
            Count(line, facts, count, lost, dimm);
            return true;
        }
        if (said.IsEmpty || said.EndsWith("in 24h", StringComparison.Ordinal) || said.StartsWith("DMI_LOCATION", StringComparison.Ordinal))
            return !said.IsEmpty;
        dimm = null;
        return false;
    }

    /// <summary><c>mc0: csrow2: mc#0csrow#2channel#0: 3 Corrected Errors</c></summary>
    private static bool Util(ReadOnlySpan<char> text, in TextLine line, Facts facts)
    {
        ReadOnlySpan<char> said = text.Trim();
        int colon = said.LastIndexOf(": ", StringComparison.Ordinal);
        if (!said.StartsWith("mc", StringComparison.Ordinal) || colon < 0)
            return false;
        var c = new TextCursor(said[(colon + 2)..]);
        if (!c.Number(out long count) || !c.SkipSpaces())
            return false;
        bool lost = c.Rest.StartsWith("Uncorrected Errors", StringComparison.Ordinal);
        if (!lost && !c.Rest.StartsWith("Corrected Errors", StringComparison.Ordinal))
            return false;
        ReadOnlySpan<char> place = said[..colon];
        int name = place.LastIndexOf(": ", StringComparison.Ordinal);
        // The channels repeat the sum of a row.
        if (name >= 0 && c.Rest.Contains("no DIMM info", StringComparison.Ordinal))
            name = -1;
        Count(line, facts, count, lost, name < 0 ? "" : place[(name + 2)..].ToString());
        return true;
    }

    /// <summary><c>mcelog: Corrected memory errors on page 5d4d45000 exceed threshold 10 in 24h: 10 in 24h</c></summary>
    private static bool Daemon(ReadOnlySpan<char> text, in TextLine line, Facts facts)
    {
        var c = new TextCursor(text);
        if (!c.SkipPast("orrected memory errors on page ") || !c.Hex(out ulong address) || !c.SkipPast("exceed threshold ") ||
            !c.SkipPast(": ") || !c.Number(out long count) || count < 1)
            return false;
        facts.Add(new EdacError(line.ToSource(), count, Uncorrected: text.Contains("Uncorrected", StringComparison.Ordinal), "",
            $"page:0x{address >> 12:x} offset:0x0") { By = "mcelog" });
        return true;
    }

    /// <summary><c>/sys/devices/system/edac/mc/mc0/dimm3/dimm_ce_count:12</c>, <c>…/csrow2/ch0_ue_count:1</c></summary>
    private static bool Sysfs(ReadOnlySpan<char> text, in TextLine line, Facts facts)
    {
        int at = text.IndexOf("edac/mc/", StringComparison.Ordinal);
        int colon = text.LastIndexOf(':');
        if (at < 0 || colon < at || !long.TryParse(text[(colon + 1)..].Trim(), out long count))
            return false;
        ReadOnlySpan<char> path = text[(at + "edac/mc/".Length)..colon];
        int slash = path.LastIndexOf('/');
        ReadOnlySpan<char> file = slash < 0 ? path : path[(slash + 1)..];
        bool lost = file.EndsWith("_ue_count", StringComparison.Ordinal);
        if (slash < 0 || (!lost && !file.EndsWith("_ce_count", StringComparison.Ordinal)))
            return false;
        string place = path[..slash].ToString().Replace('/', ' ');
        if (file.StartsWith("ch", StringComparison.Ordinal))
            place += $" channel {file[2..file.IndexOf('_')]}";
        Count(line, facts, count, lost, place);
        return true;
    }

    /// <summary><c>Corrected on DIMM Label(s): 'CPU_SrcID#0_MC#0_Chan#0_DIMM#0' location: 0:0:0:-1 errors: 12</c></summary>
    private static bool Summary(ReadOnlySpan<char> text, in TextLine line, Facts facts)
    {
        var c = new TextCursor(text.TrimStart());
        bool lost = !c.Rest.StartsWith("Corrected on ", StringComparison.Ordinal);
        if (!c.SkipPast("on DIMM Label(s): '") || !c.Before("'", out ReadOnlySpan<char> label) || !c.SkipPast("errors: ") ||
            !c.Number(out long count))
            return false;
        Count(line, facts, count, lost, label.ToString());
        return true;
    }
}
