using System.Globalization;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>
/// A function_graph trace (Documentation/trace/ftrace.rst, kernel/trace/trace_functions_graph.c): which call made the traced function
/// fail. With return values (option funcgraph-retval, 6.5 and later: <c>f(); /* = -28 */</c>, <c>} /* f = -28 */</c>, newer
/// <c>/* f ret=-28 */</c>) the error number is followed down to where it first appears. Without them the last call before the error
/// path undoes what was done is named, and only when something was undone.
/// </summary>
public sealed class FunctionGraph : LineParser
{
    /// <summary>The most calls of one traced function that are kept; a probe of the largest drivers makes some 100 000.</summary>
    private const int MaxCalls = 200_000;

    /// <summary>The kernel follows 50 levels (FTRACE_RETFUNC_DEPTH).</summary>
    private const int MaxDepth = 256;

    private readonly Dictionary<int, Frames> byCpu = [];

    public override string Kind => "function_graph trace";

    public override bool Line(in TextLine line, Facts facts)
    {
        if (line.Kernel.Stamped)
            return false;
        if (!Columns(line.Text, out int cpu, out ReadOnlySpan<char> call))
            return line.Text.StartsWith("# tracer: function_graph", StringComparison.Ordinal);
        if (!byCpu.TryGetValue(cpu, out Frames? frames))
        {
            if (byCpu.Count == 8192)
                return false;
            byCpu[cpu] = frames = new();
        }
        ReadOnlySpan<char> text = call.Trim();
        long? value = ReturnValue(ref text, out ReadOnlySpan<char> named);
        if (text is "}" or "};")
            frames.Leave(value, line, facts);
        else if (text.EndsWith("{", StringComparison.Ordinal) && NameOf(text[..^1]) is { Length: > 0 } entered)
            frames.Enter(entered, line);
        else if (text.EndsWith(";", StringComparison.Ordinal) && NameOf(text[..^1]) is { Length: > 0 } leaf)
        {
            frames.Enter(leaf, line);
            frames.Leave(value, line, facts);
        }
        else
            return text.IsEmpty || named.Length > 0;
        return true;
    }

    public override void End(Facts facts) => byCpu.Clear();

    /// <summary><c> 0)   0.381 us    |    irq_to_desc();</c>: the CPU before the bracket, the call behind the bar.</summary>
    private static bool Columns(ReadOnlySpan<char> text, out int cpu, out ReadOnlySpan<char> call)
    {
        call = default;
        cpu = 0;
        int bracket = text.IndexOf(')'), bar = text.IndexOf('|');
        if (bracket is < 1 or > 12 || bar < bracket)
            return false;
        call = text[(bar + 1)..];
        // "0)  bash-23 =>  kworker" has no bar; "0)  bash-23  | 1.2 us | f();" has two.
        int second = call.IndexOf('|');
        if (second >= 0 && call[..second].IndexOfAny('(', '{', '}') < 0)
            call = call[(second + 1)..];
        return int.TryParse(text[..bracket].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out cpu);
    }

    /// <summary><c>f</c> of <c>f()</c>, <c>f [module]()</c> and <c>f(arg=1)</c>.</summary>
    private static string NameOf(ReadOnlySpan<char> text)
    {
        int open = text.IndexOf('(');
        ReadOnlySpan<char> name = open < 0 ? default : text[..open];
        int module = name.IndexOf(" [", StringComparison.Ordinal);
        name = (module < 0 ? name : name[..module]).Trim();
        foreach (char c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '.' or '$'))
                return "";
        }
        return name.Length > 255 ? "" : name.ToString();
    }

    /// <summary>Takes the comment off the end, and the value out of it.</summary>
    private static long? ReturnValue(ref ReadOnlySpan<char> text, out ReadOnlySpan<char> named)
    {
        named = default;
        int open = text.LastIndexOf("/*");
        if (open < 0 || !text.EndsWith("*/", StringComparison.Ordinal))
            return null;
        named = text[(open + 2)..^2].Trim();
        text = text[..open].TrimEnd();
        int equals = named.LastIndexOf('=');
        if (equals < 0)
            return null;
        ReadOnlySpan<char> number = named[(equals + 1)..].Trim();
        int blank = number.IndexOf(' ');
        number = blank < 0 ? number : number[..blank];
        if (number.StartsWith("0x", StringComparison.Ordinal))
            return ulong.TryParse(number[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong hex)
                ? unchecked((long)hex) : null;
        return long.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long n) ? n : null;
    }

    /// <summary>A small negative number, in 64 bits or, as functions returning int leave it, in 32.</summary>
    private static int? ErrnoOf(long? value) => value switch
    {
        >= -4095 and < 0 => (int)-value.Value,
        >= 0xfffff001 and <= 0xffffffff => (int)(0x1_0000_0000 - value.Value),
        _ => null,
    };

    private sealed class Call(string name, Source? source)
    {
        public string Name { get; } = name;

        public Source? Source { get; } = source;

        public List<Call> Children { get; } = [];

        public long? Value { get; set; }
    }

    /// <summary>The calls that are open on one CPU.</summary>
    private sealed class Frames
    {
        private readonly List<Call> open = [];
        private int calls, skipped;

        public void Enter(string name, in TextLine line)
        {
            if (open.Count == MaxDepth || calls == MaxCalls)
            {
                skipped++;
                return;
            }
            calls++;
            var call = new Call(name, line.ToSource());
            if (open.Count > 0)
                open[^1].Children.Add(call);
            open.Add(call);
        }

        public void Leave(long? value, in TextLine line, Facts facts)
        {
            if (skipped > 0)
                skipped--;
            else if (open.Count > 0)
            {
                Call call = open[^1];
                open.RemoveAt(open.Count - 1);
                call.Value = value;
                if (open.Count > 0)
                    return;
                calls = 0;
                if (FailureIn(call) is { } failed)
                    facts.Add(failed);
            }
        }
    }

    private static CallFailed? FailureIn(Call root)
    {
        if (root.Value is not null)
            return ErrnoOf(root.Value) is int errno ? ByValue(root, errno) : null;
        return ByShape(root);
    }

    /// <summary>Follows the last calls that returned the same error down to the deepest one.</summary>
    private static CallFailed ByValue(Call root, int errno)
    {
        string path = root.Name;
        Call at = root;
        for (Call? next = at; next is not null;)
        {
            next = at.Children.FindLast(c => ErrnoOf(c.Value) == errno);
            if (next is not null)
            {
                path += " -> " + next.Name;
                at = next;
            }
        }
        return new(at.Source!, at.Name, path, -errno)
        {
            Reasoning = $"every call on this path returned -{errno} ({Errno.Name(errno)}), and nothing that {at.Name}() called did",
        };
    }

    /// <summary>
    /// Follows the last calls that are not clean-up. A failure shows in what is undone afterwards: put after get, free after
    /// allocation. One such pair happens in success too; two on one path are no chance.
    /// </summary>
    private static CallFailed? ByShape(Call root)
    {
        string path = root.Name, undone = "";
        int pairs = 0, repeated = 1;
        Call at = root;
        while (at.Children.Count > 0)
        {
            int last = at.Children.FindLastIndex(c => !CleansUp(c.Name));
            if (last < 0)
                break;
            for (int i = last + 1; i < at.Children.Count; i++)
            {
                if (Undoes(at.Children[i].Name, at.Children, last))
                {
                    pairs++;
                    undone += $"{(undone.Length == 0 ? "" : ", ")}{at.Children[i].Name}";
                }
            }
            Call next = at.Children[last];
            int same = at.Children.FindAll(c => c.Name == next.Name).Count;
            repeated = Math.Max(repeated, same);
            path += " -> " + next.Name;
            at = next;
        }
        if (pairs < 2 || at == root)
            return null;
        return new(at.Source!, at.Name, path, null)
        {
            Reasoning = $"the trace holds no return values, but behind {at.Name}() " +
                $"{(pairs > 2 ? $"{Counted.Of(pairs, "call")} undo" : $"{undone} undo")} what was done" +
                (repeated > 1 ? ", and the step was tried again" : ""),
        };
    }

    private static bool CleansUp(string name) =>
        name.Contains("unlock", StringComparison.Ordinal) || name.Contains("free", StringComparison.Ordinal) ||
            name.Contains("release", StringComparison.Ordinal) ||
        name.Contains("deactivate", StringComparison.Ordinal) || name.Contains("teardown", StringComparison.Ordinal) ||
            name.Contains("cleanup", StringComparison.Ordinal) ||
        name.Contains("preempt_count_sub", StringComparison.Ordinal) || name.EndsWith("_put", StringComparison.Ordinal) ||
            name.StartsWith("put_", StringComparison.Ordinal) ||
        name.Contains("_del_", StringComparison.Ordinal) || name.Contains("disable", StringComparison.Ordinal);

    /// <summary>True if the call undoes what an earlier call on the same level did.</summary>
    private static bool Undoes(string name, List<Call> calls, int before)
    {
        bool put = name.EndsWith("_put", StringComparison.Ordinal) || name.StartsWith("put_", StringComparison.Ordinal);
        bool free = name.Contains("free", StringComparison.Ordinal);
        for (int i = 0; i < before; i++)
        {
            string earlier = calls[i].Name;
            if ((put && earlier.Contains("get", StringComparison.Ordinal)) || (free && earlier.Contains("alloc", StringComparison.Ordinal)))
                return true;
        }
        return false;
    }
}
