using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Machines;

/// <summary>An event of a Kubernetes cluster, as <c>kubectl describe</c> and <c>kubectl get events</c> print it.</summary>
/// <param name="Reason"><c>SystemOOM</c>, <c>FailedMount</c> …</param>
/// <param name="About">The node or object; empty where the row does not name it.</param>
/// <param name="Message">What the component wrote.</param>
public sealed record KubernetesEvent(Source Source, string Reason, string About, string Message) : Fact(Source)
{
    /// <summary>How often, as the row counts it.</summary>
    public int Times { get; init; } = 1;
}

/// <summary>
/// Reads rows of these tables by their content and not by their header, which people leave out: a type (Normal, Warning), a reason in
/// one word, an age, the component with its node, the message.
/// </summary>
public sealed class KubernetesEvents : LineParser
{
    private const int MaxKept = 256;

    /// <summary>Reasons that mean trouble although the type of their row is Normal.</summary>
    private static readonly string[] Despite = ["NodeNotReady", "NodeHasInsufficientMemory", "NodeHasDiskPressure",
        "NodeHasInsufficientPID",
        "Preempting", "Evicted", "TaintManagerEviction", "EvictionThresholdMet"];

    private int kept;

    public override string Kind => "events of Kubernetes";

    public override IReadOnlyList<string> Signs { get; } = ["Warning ", "Warning\t", "Normal  ", "Normal\t",
        "KubeletNotReady", "NodeStatusUnknown", "MemoryPressure", "DiskPressure", "PIDPressure", "KernelDeadlock", "ReadonlyFilesystem"];

    public override bool Line(in TextLine line, Facts facts)
    {
        if (line.Kernel.Stamped || line.Text.Length > 1000)
            return false;
        ReadOnlySpan<char> text = line.Text.Trim();
        if (Condition(text, line, facts))
            return true;
        int type = TypeAt(text, "Warning"), normal = type < 0 ? TypeAt(text, "Normal") : -1;
        int start = Math.Max(type, normal);
        if (start < 0)
            return false;
        ReadOnlySpan<char> rest = text[(start + (type >= 0 ? "Warning" : "Normal").Length)..].TrimStart();
        int end = rest.IndexOfAny(' ', '\t');
        ReadOnlySpan<char> reason = end < 0 ? rest : rest[..end];
        if (!IsReason(reason) || !InColumns(text, start, reason))
            return false;
        rest = rest[reason.Length..].Trim();
        if (normal >= 0 && Array.IndexOf(Despite, reason.ToString()) < 0)
            return true;
        (string about, string message) = Behind(rest, text[..start]);
        if (kept++ < MaxKept)
            facts.Add(new KubernetesEvent(line.ToSource(), reason.ToString(), about, message) { Times = TimesOf(text) });
        return true;
    }

    public override void End(Facts facts) => kept = 0;

    /// <summary>Conditions of <c>kubectl describe node</c>, the status that is trouble, and the event that tells the same.</summary>
    private static readonly (string Name, string Bad, string Reason)[] Conditions =
    [
        ("Ready", "False", "NodeNotReady"), ("Ready", "Unknown", "NodeNotReady"), ("MemoryPressure", "True", "NodeHasInsufficientMemory"),
        ("DiskPressure", "True", "NodeHasDiskPressure"), ("PIDPressure", "True", "NodeHasInsufficientPID"),
        ("KernelDeadlock", "True", "TaskHung"), ("ReadonlyFilesystem", "True", "FilesystemIsReadOnly"),
    ];

    /// <summary><c>Ready  False  time  time  KubeletNotReady  container runtime is down</c></summary>
    private bool Condition(ReadOnlySpan<char> text, in TextLine line, Facts facts)
    {
        int gap = text.IndexOfAny(' ', '\t');
        if (gap is < 5 or > 20)
            return false;
        ReadOnlySpan<char> rest = text[gap..].TrimStart();
        int end = rest.IndexOfAny(' ', '\t');
        foreach ((string name, string bad, string reason) in Conditions)
        {
            if (end <= 0 || !text[..gap].SequenceEqual(name) || !rest[..end].SequenceEqual(bad))
                continue;
            ReadOnlySpan<char> message = rest[end..].Trim();
            for (int next = Gap(message); next >= 0; next = Gap(message))
                message = message[next..].TrimStart();
            if (kept++ < MaxKept)
                facts.Add(new KubernetesEvent(line.ToSource(), reason, "", message.ToString()));
            return true;
        }
        return false;
    }

    /// <summary>The word as a column of its own: at the start, or behind columns of ages and counts.</summary>
    private static int TypeAt(ReadOnlySpan<char> text, string type)
    {
        int at = text.IndexOf(type, StringComparison.Ordinal);
        if (at < 0 || at + type.Length >= text.Length || text[at + type.Length] is not (' ' or '\t'))
            return -1;
        ReadOnlySpan<char> before = text[..at].Trim();
        return before.IsEmpty || (char.IsAsciiDigit(before[0]) && at > 0 && text[at - 1] is ' ' or '\t') || before is "<unknown>" ||
            before.Contains("kubelet", StringComparison.Ordinal) ? at : -1;
    }

    /// <summary>
    /// Type and reason stand in a table: more than a blank parts them from what follows, or a column beside them is an age. A sentence
    /// that begins with "Warning" has neither.
    /// </summary>
    private static bool InColumns(ReadOnlySpan<char> text, int start, ReadOnlySpan<char> reason)
    {
        ReadOnlySpan<char> before = text[..start].Trim(), rest = text[start..];
        int type = rest.IndexOfAny(' ', '\t');
        ReadOnlySpan<char> behind = rest[(type + rest[type..].IndexOf(reason, StringComparison.Ordinal) + reason.Length)..];
        return (Parted(rest[type..]) && (behind.IsEmpty || Parted(behind))) || IsAge(before) || IsAge(behind.Trim());
    }

    /// <summary>Begins with a gap of two blanks or one that has a tab.</summary>
    private static bool Parted(ReadOnlySpan<char> text)
    {
        int end = text.IndexOfAnyExcept(' ', '\t');
        ReadOnlySpan<char> gap = end < 0 ? text : text[..end];
        return gap.Length > 1 || gap.Contains('\t');
    }

    /// <summary>The first word is an age: <c>12s</c>, <c>2m15s</c>, <c>3d4h</c>; or that nobody knows it.</summary>
    private static bool IsAge(ReadOnlySpan<char> text)
    {
        int end = text.IndexOfAny(' ', '\t');
        ReadOnlySpan<char> word = end < 0 ? text : text[..end];
        return word is "<unknown>" or "<invalid>" || (word.Length > 1 && char.IsAsciiDigit(word[0]) && "smhdy".Contains(word[^1]) &&
            word.IndexOfAnyExcept("0123456789smhdy") < 0);
    }

    /// <summary>One word of letters with a capital inside, or one of the few that have none: <c>Failed</c>, <c>Evicted</c>.</summary>
    private static bool IsReason(ReadOnlySpan<char> word)
    {
        if (word.Length is < 4 or > 48 || !char.IsAsciiLetterUpper(word[0]))
            return false;
        foreach (char c in word)
        {
            if (!char.IsAsciiLetterOrDigit(c))
                return false;
        }
        return word[1..].IndexOfAnyInRange('A', 'Z') >= 0 || word is "Failed" or "Evicted" or "Unhealthy" or "Rebooted" or "Killing" or
            "Preempting";
    }

    /// <summary>Behind the reason: an age and the component (describe), or the object (get events), then the message.</summary>
    private static (string About, string Message) Behind(ReadOnlySpan<char> rest, ReadOnlySpan<char> before)
    {
        string about = "";
        while (!rest.IsEmpty)
        {
            int gap = Gap(rest);
            ReadOnlySpan<char> column = (gap < 0 ? rest : rest[..gap]).Trim();
            bool age = char.IsAsciiDigit(column[0]) && column.Length < 24;
            bool component = column.StartsWith("kube", StringComparison.Ordinal) ||
                column.StartsWith("default-scheduler", StringComparison.Ordinal) || column.Contains("controller", StringComparison.Ordinal);
            bool thing = !column.Contains(' ') && column.IndexOf('/') > 0 && before.Length > 0;
            if (gap < 0 || !(age || component || thing || column.Contains("system-oom", StringComparison.Ordinal) || !column.Contains(' ')))
                break;
            if (component && column.IndexOf(", ", StringComparison.Ordinal) is > 0 and var comma)
                about = column[(comma + 2)..].ToString();
            else if (thing)
                about = column.ToString();
            rest = rest[gap..].TrimStart();
        }
        return (about, rest.ToString());
    }

    /// <summary>Two blanks or a tab part columns.</summary>
    private static int Gap(ReadOnlySpan<char> text)
    {
        int two = text.IndexOf("  ", StringComparison.Ordinal), tab = text.IndexOf('\t');
        return two < 0 || (tab >= 0 && tab < two) ? tab : two;
    }

    /// <summary><c>12m (x4 over 25m)</c></summary>
    private static int TimesOf(ReadOnlySpan<char> text)
    {
        var c = new TextCursor(text);
        return c.SkipPast("(x") && c.Number(out long times) && times is > 0 and < int.MaxValue ? (int)times : 1;
    }
}
