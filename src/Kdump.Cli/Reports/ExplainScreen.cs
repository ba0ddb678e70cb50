using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Catalogue.Tools;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;
using Kdump.Diagnosis.Rules.Images;
using Kdump.Diagnosis.Text;
using Kdump.Sources.Cases;
using Kdump.Sources.Hosts;

namespace Kdump.Cli.Reports;

/// <summary><c>kdt explain</c> on a terminal: the worst machine on one screen, below a table if there are several machines.</summary>
internal static class ExplainScreen
{
    public static void Write(Context context, IReadOnlyList<CaseInput> inputs, JudgedMachine[] machines, NewestCrash? newest)
    {
        JudgedMachine worst = machines[0];
        new VerdictScreen(context.Terminal, worst.Verdict, ToolsOf(worst.Machine.Facts))
            .Write(context.Output, machines.Length > 1 ? Table(context.Terminal, machines) : [],
                newest is null ? [Read(inputs, context.Terminal.Words)] : [Taken(newest), Read(inputs, context.Terminal.Words)]);
    }

    private static List<string> Table(Terminal terminal, JudgedMachine[] machines)
    {
        // Keep half of the screen for the worst machine.
        int most = Math.Max(2, (terminal.Rows / 2) - 2);
        var lines = new List<string> { terminal.Words.Of($"{Counted.Of(machines.Length, "machine")}, worst first:") };
        JudgedMachine[] shown = [.. machines.Take(machines.Length > most ? most - 1 : most)];
        var names = new ShortPlaces(machines.Select(m => m.Machine.Name));
        int wide = Math.Min(24, shown.Max(m => Columns.Of(names.Of(m.Machine.Name))));
        foreach (JudgedMachine m in shown)
        {
            string name = Columns.Cut(names.Of(m.Machine.Name), wide);
            string word = m.Worst < 0 ? "-" : terminal.Words.Of(VerdictJson.NameOf((Severity)m.Worst));
            lines.Add($"  {name}{Spaces(wide, name)}  {word}{Spaces(8, word)}  {m.Verdict.Headline}");
        }
        if (shown.Length < machines.Length)
            lines.Add($"  {terminal.Words.Of($"and {machines.Length - shown.Length} more")}");
        lines.Add($"{names.Of(machines[0].Machine.Name)}{(machines[0].Machine.Release is { } release ? $", kernel {release}" : "")}:");
        return lines;
    }

    private static string Taken(NewestCrash newest) =>
        $"newest crash: {string.Join(", ", newest.Taken.Select(t => $"{t.Place} ({UtcTime.Minute(t.Time)})"))}" +
        (newest.Left.Count == 0 ? "" : $"; not used: {string.Join("; ", newest.Left)}");

    private static string Spaces(int wide, string text) => new(' ', Math.Max(0, wide - Columns.Of(text)));

    private static string Read(IReadOnlyList<CaseInput> inputs, Words words)
    {
        CaseInput[] used = [.. inputs.Where(i => i.Used)];
        var names = new ShortPlaces(inputs.Select(i => i.Path));
        int others = inputs.Count - used.Length;
        return words.Of($"read {used.Length}{(others > 0 ? $" of {inputs.Count}" : "")}: ") +
            string.Join(", ", used.Take(16).Select(i => $"{names.Of(i.Path)} ({words.Of(i.Kind)})"));
    }

    /// <summary>Which distribution's kdump tools the machine has, by its settings or by its log.</summary>
    private static KdumpTools ToolsOf(Facts facts) => DumpTools.Of(facts) is not KdumpTools.None and var known ? known
        : DumpServices.Of(facts) switch
        {
            DumpService.Kdumpctl => KdumpTools.RedHat,
            DumpService.KdumpTools => KdumpTools.Debian,
            DumpService.Suse => KdumpTools.Suse,
            _ => KdumpTools.None,
        };
}
