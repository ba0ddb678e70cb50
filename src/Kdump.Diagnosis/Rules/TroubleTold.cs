using Kdump.Diagnosis.Catalogue.Families;
using Kdump.Diagnosis.Catalogue.Tools;
using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Speakers;

namespace Kdump.Diagnosis.Rules;

/// <summary>What findings and unknowns cover already: lines they quote, devices they name, reports of crashes.</summary>
internal sealed class TroubleTold
{
    private readonly HashSet<(string, long)> lines = [];
    private readonly List<string> texts = [];
    private readonly List<Crash> crashes;
    private readonly HashSet<string> ids;

    public TroubleTold(Facts facts, IReadOnlyList<Opinion> said)
    {
        crashes = [.. facts.Of<Crash>()];
        ids = [.. said.OfType<Finding>().Select(f => f.Id)];
        // All that crash printed while it failed belongs to that finding.
        if (ids.Contains("crash-cannot-open-dump"))
            lines.UnionWith(facts.Of<ToolSaid>().Where(s => s.Message.Stage == ToolStage.Opened).Select(s =>
                (s.Source.Input, s.Source.Line)));
        // A finding quotes some of the crashes of a program.
        lines.UnionWith(facts.Of<ProgramFault>().Where(f => f.Boot?.Capture != true).Select(f => (f.Source.Input, f.Source.Line)));
        // Who was asked to stop, and did.
        lines.UnionWith(facts.Of<UnitEnd>().Where(Crashes.UnitFailedInLog.Asked).SelectMany(u => u.Lines.Select(l => (u.Source.Input, l))));
        foreach (Opinion opinion in said)
        {
            foreach (Source source in opinion is Finding f ? f.Evidence : ((Unknown)opinion).Evidence)
            {
                lines.Add((source.Input, source.Line));
                texts.Add(source.Text);
            }
            texts.Add(opinion is Finding g ? $" {g.Subject} {g.Title} " : $" {((Unknown)opinion).Question} ");
        }
        OfUnits(facts);
        // A family that broke in several boots is told once.
        lines.UnionWith(facts.Of<FamilySeen>().Where(s => ids.Contains(s.Family.Id)).Select(s => (s.Source.Input, s.Source.Line)));
    }

    /// <summary>Of a unit's failure a finding quotes a line: it tells all of them.</summary>
    private void OfUnits(Facts facts)
    {
        foreach (UnitEnd unit in facts.Of<UnitEnd>())
        {
            if (unit.Lines.Any(l => lines.Contains((unit.Source.Input, l))))
                lines.UnionWith(unit.Lines.Select(l => (unit.Source.Input, l)));
        }
    }

    public bool Holds(TroubleLines t) =>
        (t.Speaker.Kind.ToldBy is { } id && ids.Any(i => i.StartsWith(id, StringComparison.Ordinal))) ||
        t.Numbers.All(n => InCrash(t.Source.Input, n)) || IsStackOf(t) || IsOfRecord(t) ||
            t.Numbers.Any(n => lines.Contains((t.Source.Input, n))) ||
        Names(t.Bdf?.ToString()) || Names(t.Bdf?.Short) || Names(t.Speaker.Device) || Names(Whole(t.Speaker.Device));

    /// <summary>The disk of a partition, the controller of a name space: <c>sda</c>, <c>nvme0</c>.</summary>
    private static string? Whole(string? device)
    {
        if (device is null)
            return null;
        if (device.StartsWith("nvme", StringComparison.Ordinal) && device.IndexOf('n', 4) is > 4 and var space)
            return device[..space];
        if (device.StartsWith("sd", StringComparison.Ordinal))
            return device.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9');
        return null;
    }

    /// <summary>True for the heading of a stack that belongs to a message just above, which a finding tells.</summary>
    private bool IsStackOf(TroubleLines t)
    {
        const int Above = 8;
        return t.Speaker.Name.Length == 0 && t.Lines.All(l => l.Plain.TrimEnd().EndsWith("Call Trace:", StringComparison.Ordinal)) &&
            t.Numbers.All(n => Enumerable.Range(1, Above).Any(i => lines.Contains((t.Source.Input, n - i))));
    }

    /// <summary>True for mcelog's own decoding beside the registers that are judged.</summary>
    private bool IsOfRecord(TroubleLines t)
    {
        const int Near = 20;
        return (t.Speaker.Name.Length == 0 || t.Speaker.ToString() is var who && (who.StartsWith("mcelog", StringComparison.Ordinal) ||
                who.StartsWith("Transaction", StringComparison.Ordinal))) &&
            ids.Any(i => i.StartsWith("mce-", StringComparison.Ordinal)) &&
            t.Lines.All(l => !l.Text.Contains('[')) &&
            t.Numbers.All(n => Enumerable.Range(-Near, 2 * Near).Any(i => lines.Contains((t.Source.Input, n + i))));
    }

    private bool InCrash(string input, long line) =>
        crashes.Exists(c => c.Source.Input == input && line >= c.FirstLine && line <= c.LastLine);

    private bool Names(string? device) => device is { Length: > 2 } && texts.Exists(t => Word(t, device));

    private static bool Word(string text, string word)
    {
        for (int at = text.IndexOf(word, StringComparison.Ordinal); at >= 0; at = text.IndexOf(word, at + 1,
        StringComparison.Ordinal))
        {
            int end = at + word.Length;
            if ((at == 0 || !char.IsAsciiLetterOrDigit(text[at - 1])) && (end == text.Length ||
            !char.IsAsciiLetterOrDigit(text[end])))
                return true;
        }
        return false;
    }
}
