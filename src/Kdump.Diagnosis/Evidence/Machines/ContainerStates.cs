using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Machines;

/// <summary>How a container ended, as docker, kubectl or the API's JSON shows it.</summary>
/// <param name="Source">The line with the reason or the status.</param>
/// <param name="Name">The pod's or the container's name; empty where none stands above.</param>
/// <param name="Reason"><c>OOMKilled</c>, <c>Error</c> …; empty where only the status stands there.</param>
/// <param name="Exit">Its exit status; null if no line shows it.</param>
public sealed record ContainerEnded(Source Source, string Name, string Reason, int? Exit) : Fact(Source)
{
    /// <summary>Its memory limit, as written.</summary>
    public string Limit { get; init; } = "";

    /// <summary>How often it was restarted.</summary>
    public int Restarts { get; init; }

    public Source? At { get; init; }

    /// <summary>128 and a signal's number, of which there are 64. 255 and more a program gives by itself, or nobody knows it.</summary>
    public static bool IsSignal(int exit) => exit is > 128 and <= 128 + 64;
}

/// <summary>The kubelet saw the kernel kill something of a container for lack of memory.</summary>
public sealed record KubeletSawOom(Source Source) : Fact(Source);

/// <summary>
/// Reads how containers ended: <c>kubectl describe pod</c> (State, Last State), <c>kubectl get pods</c>, the JSON of the API and of
/// <c>docker inspect</c>, and <c>docker ps -a</c>.
/// </summary>
public sealed class ContainerStates : LineParser
{
    private const int MaxKept = 64, Near = 30;

    private string pod = "", reason = "", limit = "";
    private int? exit;
    private int restarts, kept;
    private Source? at, status;
    private bool terminated;
    private long since;

    public override string Kind => "state of containers";

    public override IReadOnlyList<string> Signs { get; } =
    [
        "Name:  ", "Reason:  ", "Exit Code:", "Restart Count:", "memory:  ", "\"reason\": ", "\"exitCode\": ", "\"OOMKilled\": true",
        "\"ExitCode\": ", "Exited (", "OOMKilled", "CrashLoopBackOff", "Last State:", "State:  ", "Container ID:", "\"Memory\": ",
        "\"terminated\": ", "reated an OOM event in container", "\"Name\": ",
    ];

    public override bool Line(in TextLine line, Facts facts)
    {
        ReadOnlySpan<char> text = line.Text.Trim();
        if (text.Contains("reated an OOM event in container", StringComparison.Ordinal))
        {
            if (kept++ < MaxKept)
                facts.Add(new KubeletSawOom(line.ToSource()));
            return true;
        }
        if ((reason.Length > 0 || exit is not null) && line.Number - since > Near)
            Flush(facts);
        return text.Length is > 0 and <= 400 && (Field(text, line, facts) || Json(text, line, facts) || Row(text, line, facts));
    }

    public override void End(Facts facts)
    {
        Flush(facts);
        (pod, limit, kept) = ("", "", 0);
    }

    /// <summary>A field of <c>kubectl describe</c>.</summary>
    private bool Field(ReadOnlySpan<char> text, in TextLine line, Facts facts)
    {
        int colon = text.IndexOf(": ", StringComparison.Ordinal);
        if (colon is < 4 or > 20 || text[0] == '"')
            return false;
        ReadOnlySpan<char> value = text[(colon + 1)..].Trim();
        switch (text[..colon])
        {
            case "Name" when line.Text[0] != ' ':
                Flush(facts);
                (pod, limit) = (value.ToString(), "");
                return true;
            case "Container ID":
                Flush(facts);
                limit = "";
                return true;
            case "State" or "Last State":
                if (value is not "Terminated")
                    return false;
                Flush(facts);
                terminated = true;
                since = line.Number;
                return true;
            case "Reason" when terminated:
                reason = value.ToString();
                Seen(line);
                return true;
            case "Exit Code" when int.TryParse(value, out int code):
                exit = code;
                status = line.ToSource();
                since = line.Number;
                return true;
            case "Restart Count" when int.TryParse(value, out int count):
                restarts = count;
                return true;
            case "memory" when limit.Length == 0:
                limit = value.ToString();
                return true;
            default:
                return false;
        }
    }

    /// <summary>A member of the API's JSON or of <c>docker inspect</c>.</summary>
    private bool Json(ReadOnlySpan<char> text, in TextLine line, Facts facts)
    {
        if (text[0] != '"' || text[1..].IndexOf("\": ", StringComparison.Ordinal) is not (> 1 and < 20 and var end))
            return false;
        ReadOnlySpan<char> value = text[(end + "\": ".Length + 1)..].Trim(" ,\"");
        switch (text[1..(end + 1)])
        {
            case "terminated":
                Flush(facts);
                terminated = true;
                since = line.Number;
                return true;
            case "exitCode" or "ExitCode" when int.TryParse(value, out int code):
                exit = code;
                status = line.ToSource();
                since = line.Number;
                return true;
            case "reason" when terminated:
                reason = value.ToString();
                Seen(line);
                return true;
            case "OOMKilled":
                NextState(facts);
                if (value is not "true")
                    return true;
                reason = "OOMKilled";
                Seen(line);
                return true;
            case "Name" when value.StartsWith("/", StringComparison.Ordinal):
                pod = value[1..].ToString();
                return true;
            case "Memory" when value is not "0":
                limit = value.ToString();
                return true;
            default:
                return false;
        }
    }

    /// <summary><c>Exited (137) 3 minutes ago</c> of docker; <c>NAME 0/1 OOMKilled 4 (12s ago) 2m</c> of kubectl.</summary>
    private bool Row(ReadOnlySpan<char> text, in TextLine line, Facts facts)
    {
        int open = text.IndexOf(" Exited (", StringComparison.Ordinal);
        if (open > 0)
        {
            ReadOnlySpan<char> rest = text[(open + " Exited (".Length)..];
            if (rest.IndexOf(')') is not (> 0 and var close) || !int.TryParse(rest[..close], out int code) || !rest.Contains(" ago",
                StringComparison.Ordinal))
                return false;
            if (ContainerEnded.IsSignal(code))
                Add(new(line.ToSource(), text[(text.LastIndexOf(' ') + 1)..].ToString(), "", code), facts);
            return true;
        }
        Span<Range> words = stackalloc Range[6];
        int count = text.Split(words, ' ', StringSplitOptions.RemoveEmptyEntries);
        for (int i = 1; i < Math.Min(count, 4); i++)
        {
            ReadOnlySpan<char> word = text[words[i]];
            if (word is not ("OOMKilled" or "CrashLoopBackOff") || text[words[i - 1]].IndexOf('/') <= 0)
                continue;
            int times = i + 1 < count && int.TryParse(text[words[i + 1]], out int n) ? n : 0;
            Add(new(line.ToSource(), text[words[Math.Max(0, i - 2)]].ToString(), word.ToString(), null) { Restarts = times }, facts);
            return true;
        }
        return false;
    }

    /// <summary>In docker's JSON the state comes first: name and limit above it are of the container before.</summary>
    private void NextState(Facts facts)
    {
        if (reason.Length == 0 && exit is null)
            return;
        Flush(facts);
        (pod, limit) = ("", "");
    }

    private void Seen(in TextLine line)
    {
        at ??= line.ToSource();
        since = line.Number;
    }

    private void Add(ContainerEnded ended, Facts facts)
    {
        if (kept++ < MaxKept)
            facts.Add(ended);
    }

    private void Flush(Facts facts)
    {
        if ((at ?? status) is { } source && (reason.Length > 0 || exit is not null) &&
            (reason == "OOMKilled" || exit is 1 or 2 || (exit is { } code && ContainerEnded.IsSignal(code))))
            Add(new(source, pod, reason, exit) { Limit = limit, Restarts = restarts, At = status }, facts);
        (reason, exit, restarts, at, status, terminated) = ("", null, 0, null, null, false);
    }
}
