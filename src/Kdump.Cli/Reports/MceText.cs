using Kdump.Diagnosis;
using Kdump.Diagnosis.Evidence;
using Kdump.Diagnosis.MachineChecks;

namespace Kdump.Cli.Reports;

/// <summary>Machine checks for a person: each event in a sentence, then the lines people compare, then what those lines leave out.</summary>
internal static class MceText
{
    public static void Write(TextWriter output, IReadOnlyList<MceGroup> groups, Facts facts)
    {
        int number = 0;
        foreach (MceGroup group in groups)
        {
            number++;
            MceEvent e = group.First;
            string cpus = string.Join(", ", group.Cpus.Take(16));
            output.WriteLine($"# {number}. {e.Severity}: {e.Words}{(e.Unit.Length > 0 ? $" ({e.Unit})" : "")}" +
                (group.Events.Count > 1 ? $"; one event, reported by {group.Events.Count} CPUs: {cpus}" : cpus.Length > 0 ? $"; CPU {cpus}" : ""));
            foreach (MceEvent report in group.Events)
                WriteReport(output, report, report == e);
            output.WriteLine();
        }
        if (groups.Count == 0)
            output.WriteLine("# no machine-check record in this input");
        Around(output, facts);
    }

    private static void WriteReport(TextWriter output, MceEvent e, bool first)
    {
        foreach (string line in e.Lines)
            output.WriteLine(Printable.Escape(line));
        if (e.Model is not (Cpu.Generic or Cpu.Intel) && first)
            output.WriteLine($"  processor: {CpuNames.Words(e.Model)}");
        if (e.Verdict.Rule.Length > 0 && first)
            output.WriteLine($"  kernel's rule: {e.Verdict.Level}, {e.Verdict.Rule}");
        foreach (string note in e.Notes.Distinct())
            output.WriteLine($"  note: {Printable.Escape(note)}");
        if (!first)
            return;
        foreach (Fix fix in MceAdvice.For(e))
            output.WriteLine($"  do: {fix.Text}{(fix.Command is null ? "" : $" ($ {fix.Command})")}");
    }

    /// <summary>What the kernel said beside the records.</summary>
    private static void Around(TextWriter output, Facts facts)
    {
        IEnumerable<Fact> beside = facts.Of<MachineCheckReason>().Cast<Fact>().Concat(facts.Of<MachineCheckPanic>()).Concat(facts.Of<MachineCheckAbsent>())
            .Concat(facts.Of<MachineCheckElsewhere>()).Concat(facts.Of<EdacError>()).Concat(facts.Of<PoisonedPage>()).Concat(facts.Of<ThermalThrottle>())
            .OrderBy(f => f.Source.Line);
        foreach (Fact fact in beside.Take(200))
            output.WriteLine(Printable.Escape(KernelLine.Parse(fact.Source.Text).Message.ToString().Replace("mce: [Hardware Error]: ", "", StringComparison.Ordinal)).Trim());
    }
}
