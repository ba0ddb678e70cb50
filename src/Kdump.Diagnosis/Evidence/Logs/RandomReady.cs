using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>The kernel's random generator became ready.</summary>
public sealed record RandomReady(Source Source, double Seconds) : Fact(Source);

/// <summary><c>random: crng init done</c>; before 4.8 <c>random: nonblocking pool is initialized</c>.</summary>
public sealed class RandomLines : LineParser
{
    private static readonly string[] Texts = ["random: crng init done", "random: nonblocking pool is initialized"];

    public override string Kind => "kernel log";

    public override IReadOnlyList<string> Signs => Texts;

    public override bool Line(in TextLine line, Facts facts)
    {
        if (line.Kernel.Time is not { } time)
            return false;
        facts.Add(new RandomReady(line.ToSource(), time));
        return true;
    }
}
