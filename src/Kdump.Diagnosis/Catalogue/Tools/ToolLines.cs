using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Catalogue.Tools;

/// <summary>Reads the messages of the programs of the trade, in one pass: <see cref="ToolMessages.All"/>.</summary>
public sealed class ToolLines : LineParser
{
    private static readonly SignTable Texts = new(ToolMessages.All.Select((m, i) => (i, Shape.LongestLiteral(m.Wording))));

    /// <summary>Lines about a link or an address that are kept of one input: the first tell why, a flapping link says it for
    /// ever.</summary>
    private const int MaxNetwork = 16;

    private int network;
    private readonly List<string> taken = [];
    private readonly List<int> concerned = [];

    public override string Kind => "kernel log";

    public override IReadOnlyList<string> Signs { get; } =
        [.. ToolMessages.All.Select(m => Shape.LongestLiteral(m.Wording)).Distinct(StringComparer.Ordinal)];

    public override void End(Facts facts) => network = 0;

    public override bool Line(in TextLine line, Facts facts)
    {
        Texts.ReadersOf(line.Text, concerned);
        if (concerned.Count == 0 || line.Kernel.Message.StartsWith(ProbeMark.Prefix, StringComparison.Ordinal))
            return false;
        foreach (int i in concerned)
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
