using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Hardware;
using Kdump.Diagnosis.MachineChecks;
using Kdump.Diagnosis.MachineChecks.Records;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;
using Kdump.Diagnosis.Text;

namespace Kdump.Cli.Reports;

/// <summary>
/// Machine checks as text: each event in a sentence, then mcelog's lines for comparison, then what mcelog does not decode.
/// </summary>
internal static class MceText
{
    /// <param name="neighbours">Lines of the log around the records.</param>
    public static void Write(TextWriter output, IReadOnlyList<MceGroup> groups, Facts facts, IEnumerable<Source> neighbours,
        Words words)
    {
        int number = 0;
        foreach (MceGroup group in groups)
        {
            number++;
            MceEvent e = group.First;
            string cpus = string.Join(", ", group.Cpus.Take(16));
            output.WriteLine($"# {number}. {words.Of($"{e.Severity}")}: {words.Of(e.Words)}{(e.Unit.Length > 0 ? $" ({e.Unit})" : "")}" +
                group.Events.Count switch
                {
                    > 1 => words.Of($"; one event, reported by {group.Events.Count} CPUs: {cpus}"),
                    _ when cpus.Length > 0 => $"; CPU {cpus}",
                    _ => "",
                });
            foreach (MceEvent report in group.Events)
                WriteReport(output, report, report == e, words);
            output.WriteLine();
        }
        if (groups.Count == 0)
            output.WriteLine($"# {words.Of("no machine-check record in this input")}");
        Around(output, facts, neighbours, words);
    }

    private static void WriteReport(TextWriter output, MceEvent e, bool first, Words words)
    {
        foreach (string line in e.Lines)
            output.WriteLine(Printable.Escape(line));
        if (e.Model is not (Cpu.Generic or Cpu.Intel) && first)
            output.WriteLine($"  {words.Of("processor: ")}{(e.Processor.Length > 0 ? e.Processor : CpuNames.Words(e.Model))}");
        if (e.Verdict.Rule.Length > 0 && first)
            output.WriteLine($"  {words.Of("kernel's rule: ")}{e.Verdict.Level}, {words.Of(e.Verdict.Rule)}");
        foreach (string note in e.Notes.Distinct())
            output.WriteLine($"  {words.Of("note: ")}{Printable.Escape(words.Of(note))}");
        if (e.McelogMisreads is { Count: > 0 } misread)
        {
            output.WriteLine("  " + words.Of("note: ") + words.Of("mcelog parses the header of this record wrongly " +
                "(it skips the first digits of a global status that begins with c to f) and prints:"));
            foreach (string line in misread)
                output.WriteLine("    " + Printable.Escape(line));
        }
        if (!first)
            return;
        foreach (Fix fix in MceAdvice.For(e))
            output.WriteLine($"  {words.Of("do: ")}{words.Of(fix.Text)}{(fix.Command is null ? "" : $" ($ {fix.Command})")}");
    }

    /// <summary>The lines of the log around the records, in order.</summary>
    private static void Around(TextWriter output, Facts facts, IEnumerable<Source> neighbours, Words words)
    {
        IEnumerable<Fact> beside = facts.Of<MachineCheckReason>().Cast<Fact>().Concat(facts.Of<MachineCheckPanic>())
            .Concat(facts.Of<MachineCheckAbsent>())
            .Concat(facts.Of<MachineCheckElsewhere>()).Concat(facts.Of<EdacError>()).Concat(facts.Of<PoisonedPage>())
                .Concat(facts.Of<ThermalThrottle>());
        Source[] lines = beside.Select(f => f.Source).Concat(neighbours).DistinctBy(s => s.Line).OrderBy(s => s.Line).Take(200).ToArray();
        if (lines.Length > 0)
            output.WriteLine($"# {words.Of("log lines around the records:")}");
        foreach (Source line in lines)
        {
            string message = KernelLine.Parse(line.Text).Message.ToString();
            int tag = message.IndexOf("[Hardware Error]: ", StringComparison.Ordinal);
            output.WriteLine("  " + Printable.Escape(tag < 0 ? message : message[(tag + "[Hardware Error]: ".Length)..]).Trim());
        }
    }
}
