using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Catalogue.Tools;

/// <summary>Reads the messages of the kdump tools in one pass: <see cref="ToolMessages.All"/>.</summary>
public sealed class ToolLines : BookParser
{
    private static readonly (int Place, string Text)[] Book =
        [.. ToolMessages.All.Select((m, i) => (i, Shape.LongestLiteral(m.Wording)))];

    /// <summary>
    /// Most lines about a link or an address kept of one input: the first ones tell why, and a flapping link repeats them.
    /// </summary>
    private const int MaxNetwork = 16;

    private int network;
    private readonly List<string> taken = [];

    public override string Kind => "kernel log";

    public override IReadOnlyList<(int Place, string Text)> Texts => Book;

    public override void End(Facts facts) => network = 0;

    public override bool Line(in TextLine line, Facts facts)
    {
        if (line.Kernel.Message.StartsWith(ProbeMark.Prefix, StringComparison.Ordinal))
            return false;
        foreach (int i in Concerned)
        {
            if (Shape.Find(line.Text, ToolMessages.All[i].Wording, taken) < 0)
                continue;
            if (ToolMessages.All[i].Stage == ToolStage.Networking && network++ >= MaxNetwork)
                return true;
            facts.Add(new ToolSaid(line.ToSource(), ToolMessages.All[i], taken.ToArray()));
            return true;
        }
        return false;
    }
}
