using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Speakers;

/// <summary>The list of messages that are known to be harmless.</summary>
public static class Harmless
{
    public static IReadOnlyList<HarmlessMessage> All => HarmlessMessages.All;

    private static readonly SignTable Texts =
        new(All.SelectMany((m, i) => m.Wordings.Select(w => (i, Shape.LongestLiteral(w.TrimStart('^'))))));

    /// <summary>A wording with <c>^</c> in front must be the beginning of the message: the name of its speaker.</summary>
    public static HarmlessMessage? Find(ReadOnlySpan<char> line)
    {
        var concerned = new List<int>();
        Texts.ReadersOf(line, concerned);
        foreach (int i in concerned)
        {
            foreach (string wording in All[i].Wordings)
            {
                bool fits = wording[0] == '^' ? Begins(line, Shape.Find(line, wording[1..])) : Shape.Find(line, wording) >= 0;
                if (fits)
                    return All[i];
            }
        }
        return null;
    }

    /// <summary>Before a message stand stamps, levels and the tag <c>kernel:</c>, but no other speaker.</summary>
    private static bool Begins(ReadOnlySpan<char> line, int at)
    {
        ReadOnlySpan<char> before = at < 0 ? "x" : line[..at].TrimEnd(" \t");
        return before.IsEmpty || before[^1] is ']' or '>' or ';' || before.EndsWith("kernel:", StringComparison.Ordinal);
    }
}
