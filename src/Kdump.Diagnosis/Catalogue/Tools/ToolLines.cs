using System.Numerics;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Catalogue.Tools;

/// <summary>Reads the messages of the programs of the trade, in one pass: <see cref="ToolMessages.All"/>.</summary>
public sealed class ToolLines : LineParser
{
    private const int Groups = 64;

    /// <summary>As in Failures/FailureLines: the first bit is for the first message and those that many behind it.</summary>
    private static readonly SignTable Texts =
        new(ToolMessages.All.Select((m, i) => (i % Groups, Shape.LongestLiteral(m.Wording))));

    private readonly List<string> taken = [], best = [];

    public override string Kind => "kernel log";

    public override IReadOnlyList<string> Signs { get; } =
        [.. ToolMessages.All.Select(m => Shape.LongestLiteral(m.Wording)).Distinct(StringComparer.Ordinal)];

    public override bool Line(in TextLine line, Facts facts)
    {
        ulong groups = Texts.ReadersOf(line.Text);
        if (groups == 0 || line.Kernel.Message.StartsWith(ProbeMark.Prefix, StringComparison.Ordinal))
            return false;
        int found = int.MaxValue;
        for (; groups != 0; groups &= groups - 1)
        {
            for (int i = BitOperations.TrailingZeroCount(groups); i < ToolMessages.All.Length && i < found; i += Groups)
            {
                if (Shape.Find(line.Text, ToolMessages.All[i].Wording, taken) < 0)
                    continue;
                found = i;
                best.Clear();
                best.AddRange(taken);
            }
        }
        if (found == int.MaxValue)
            return false;
        facts.Add(new ToolSaid(line.ToSource(), ToolMessages.All[found], best.ToArray()));
        return true;
    }
}
