using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>A unit that <c>systemctl status</c> shows as failed.</summary>
/// <param name="Source">The line with its state.</param>
/// <param name="Result">What systemd calls the failure: exit-code, timeout, start-limit-hit …</param>
/// <param name="Ended">The line that tells how its process ended, where there is one.</param>
public sealed record UnitFailed(Source Source, string Unit, string Result, Source? Ended) : Fact(Source)
{
    /// <summary>The last lines of the journal below the fields, as far as the unit's programs wrote them and not systemd.</summary>
    public IReadOnlyList<Source> Said { get; init; } = [];
}

/// <summary>Reads the blocks of <c>systemctl status</c>: a head that names the unit, then its fields.</summary>
public sealed class UnitStates : LineParser
{
    private const string State = "Active: failed", Process = "Process: ", Main = "Main PID: ";

    /// <summary>Lines of the journal that systemctl prints below the fields: ten, and what was wrapped.</summary>
    private const int MaxBelow = 24, MaxSaid = 6;

    private readonly List<Source> said = [];
    private string unit = "";
    private UnitFailed? failed;
    private int left;

    public override bool Busy => left > 0;

    public override bool Within(in TextLine line, Facts facts)
    {
        left--;
        Keep(line);
        return false;
    }

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
        {
            left = Math.Max(0, left - 1);
            Keep(line);
            return false;
        }
        ReadOnlySpan<char> field = line.Text.TrimStart(' ');
        if (field.StartsWith(State, StringComparison.Ordinal))
        {
            var c = new TextCursor(field);
            string result = c.SkipPast("(Result: ") && c.Rest.IndexOf(')') is > 0 and var end ? c.Rest[..end].ToString() : "";
            Flush(facts);
            failed = new(line.ToSource(), unit, result, null);
            left = MaxBelow;
        }
        else if (failed is { Ended: null } known && (field.StartsWith(Process, StringComparison.Ordinal) ||
            field.StartsWith(Main, StringComparison.Ordinal)) && !field.Contains("status=0/SUCCESS", StringComparison.Ordinal) &&
            (field.Contains("status=", StringComparison.Ordinal) || field.Contains("signal=", StringComparison.Ordinal)))
            failed = known with
            {
                Ended = line.ToSource(),
                // The heading was not copied, but the program shows which unit it is.
                Unit = known.Unit.Length switch
                {
                    > 0 => known.Unit,
                    _ when field.Contains("/kdumpctl ", StringComparison.Ordinal) => "kdump.service",
                    _ when field.Contains("/kdump-tools ", StringComparison.Ordinal) => "kdump-tools.service",
                    _ => "",
                },
            };
        return true;
    }

    public override void End(Facts facts)
    {
        Flush(facts);
        unit = "";
    }

    /// <summary>A line of the journal by a program that is not systemd itself: <c>… host program[123]: words</c></summary>
    private void Keep(in TextLine line)
    {
        if (failed is null || left <= 0)
            return;
        if (!ProgramLine.TryParse(line.Text, out ProgramLine by) || by.Program is "systemd" or "kernel")
            return;
        if (said.Count == MaxSaid)
            said.RemoveAt(0);
        said.Add(line.ToSource());
    }

    private void Flush(Facts facts)
    {
        if (failed is not null)
            facts.Add(failed with { Said = [.. said] });
        failed = null;
        said.Clear();
        left = 0;
    }
}
