using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>A unit that <c>systemctl status</c> shows as failed.</summary>
/// <param name="Source">The line with its state.</param>
/// <param name="Result">What systemd calls the failure: exit-code, timeout, start-limit-hit …</param>
/// <param name="Ended">The line that tells how its process ended, where there is one.</param>
public sealed record UnitFailed(Source Source, string Unit, string Result, Source? Ended) : Fact(Source);

/// <summary>Reads the blocks of <c>systemctl status</c>: a head that names the unit, then its fields.</summary>
public sealed class UnitStates : LineParser
{
    private const string State = "Active: failed", Process = "Process: ", Main = "Main PID: ";

    private string unit = "";
    private UnitFailed? failed;

    public override string Kind => "systemctl status";

    public override IReadOnlyList<string> Signs =>
        [".service", ".mount", ".swap", ".socket", ".target", ".timer", ".automount", State, Process, Main];

    public override bool Line(in TextLine line, Facts facts)
    {
        ReadOnlySpan<char> head = StatusBlock.UnitOf(line.Text);
        if (!head.IsEmpty)
        {
            Flush(facts);
            unit = head.ToString();
            return true;
        }
        if (!StatusBlock.IsField(line.Text))
            return false;
        ReadOnlySpan<char> field = line.Text.TrimStart(' ');
        if (field.StartsWith(State, StringComparison.Ordinal))
        {
            var c = new TextCursor(field);
            string result = c.SkipPast("(Result: ") && c.Rest.IndexOf(')') is > 0 and var end ? c.Rest[..end].ToString() : "";
            Flush(facts);
            failed = new(line.ToSource(), unit, result, null);
        }
        else if (failed is { Ended: null } known && (field.StartsWith(Process, StringComparison.Ordinal) ||
            field.StartsWith(Main, StringComparison.Ordinal)) && !field.Contains("status=0/SUCCESS", StringComparison.Ordinal) &&
            (field.Contains("status=", StringComparison.Ordinal) || field.Contains("signal=", StringComparison.Ordinal)))
            failed = known with { Ended = line.ToSource() };
        return true;
    }

    public override void End(Facts facts)
    {
        Flush(facts);
        unit = "";
    }

    private void Flush(Facts facts)
    {
        if (failed is not null)
            facts.Add(failed);
        failed = null;
    }
}
