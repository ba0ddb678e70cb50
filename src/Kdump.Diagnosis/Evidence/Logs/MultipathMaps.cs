using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>One map in the list of <c>multipath -ll</c>.</summary>
/// <param name="Name">The alias or the WWID.</param>
/// <param name="Device"><c>dm-2</c>.</param>
public sealed record MultipathMap(Source Source, string Name, string Device) : Fact(Source)
{
    /// <summary>No path left: requests wait instead of failing.</summary>
    public bool Queues { get; set; }

    public int Paths { get; set; }

    /// <summary>The disks of the paths that multipath calls failed, faulty or offline.</summary>
    public List<string> Failed { get; } = [];

    public List<Source> FailedAt { get; } = [];
}

/// <summary>
/// Reads <c>multipath -ll</c>: a line with name, WWID and dm device, one with <c>size= features= hwhandler=</c>, groups, and paths
/// <c>|- 1:0:0:0 sda 8:0 failed faulty running</c> (multipath-tools libmultipath/print.c; states of device-mapper, checker and kernel).
/// </summary>
public sealed class MultipathMaps : LineParser
{
    private const int MaxMaps = 256, MaxFailed = 64;

    private MultipathMap? map;
    private int seen;

    public override string Kind => "multipath -ll";

    public override IReadOnlyList<string> Signs { get; } = [" dm-"];

    public override bool Busy => map is not null;

    public override bool Line(in TextLine line, Facts facts)
    {
        if (line.Kernel.Stamped)
            return false;
        ReadOnlySpan<char> text = line.Text.Trim();
        if (Head(text, line) is { } head)
        {
            map = head;
            facts.Add(head);
            return true;
        }
        if (map is null)
            return false;
        if (text.StartsWith("size=", StringComparison.Ordinal))
        {
            map.Queues = text.Contains("queue_if_no_path", StringComparison.Ordinal);
            return true;
        }
        if (text.Contains("policy='", StringComparison.Ordinal))
            return true;
        bool path = Path(text, line);
        if (!path)
            map = null;
        return path;
    }

    public override void End(Facts facts) => (map, seen) = (null, 0);

    /// <summary><c>mpatha (360002ac…) dm-2 3PARdata,VV</c>, <c>360002ac… dm-2 3PARdata,VV</c>, <c>create: …</c>, <c>reload: …</c></summary>
    private MultipathMap? Head(ReadOnlySpan<char> text, in TextLine line)
    {
        string[] words = text.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int at = Array.FindIndex(words, w => w.StartsWith("dm-", StringComparison.Ordinal) && w.Length > 3 &&
            w.AsSpan(3).IndexOfAnyExceptInRange('0', '9') < 0);
        bool named = at == 2 && words[1].StartsWith('(') && words[1].EndsWith(')');
        if (!(named || (at == 1 && words[0].Length >= 17)) || words.Length < at + 2 || !words[at + 1].Contains(',') || seen++ >= MaxMaps)
            return null;
        return new MultipathMap(line.ToSource(), words[0], words[at]);
    }

    /// <summary><c>|- 1:0:0:0 sda 8:0   failed faulty running</c>, <c>`- #:#:#:# -   #:#  failed undef running</c></summary>
    private bool Path(ReadOnlySpan<char> text, in TextLine line)
    {
        string[] words = text.TrimStart("|`-+ ").ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 5 || words[0].Count(c => c == ':') != 3 || words[2].Count(c => c == ':') != 1)
            return false;
        map!.Paths++;
        if ((words[3] == "failed" || words[4] is "faulty" or "shaky" || words[^1] == "offline") && map.Failed.Count < MaxFailed)
        {
            map.Failed.Add(words[1]);
            map.FailedAt.Add(line.ToSource());
        }
        return true;
    }
}
