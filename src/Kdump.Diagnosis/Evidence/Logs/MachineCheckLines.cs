using Kdump.Diagnosis.MachineChecks;
using Kdump.Diagnosis.MachineChecks.Records;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>A machine check record was logged.</summary>
public sealed record MachineCheckSeen(Source Source, MachineCheck Record) : Fact(Source);

/// <summary>The rule for which the kernel gave up, printed before the panic: <c>Machine check: Processor context corrupt</c>.</summary>
public sealed record MachineCheckReason(Source Source, string Words) : Fact(Source);

/// <summary>The kernel panicked for a machine check: mce_panic() in arch/x86/kernel/cpu/mce/core.c.</summary>
public sealed record MachineCheckPanic(Source Source, string Words) : Fact(Source);

/// <summary>CPUs that did not come when all were called to the machine check handler.</summary>
public sealed record MachineCheckAbsent(Source Source, string Cpus) : Fact(Source);

/// <summary>Records were made and are not in this log: they went to /dev/mcelog, EDAC or rasdaemon.</summary>
public sealed record MachineCheckElsewhere(Source Source) : Fact(Source);

/// <summary>An EDAC driver counted a memory error and names where it sits.</summary>
/// <param name="Label">The driver's name of the place: <c>CPU_SrcID#0_Ha#0_Chan#1_DIMM#0</c>.</param>
public sealed record EdacError(Source Source, long Count, bool Uncorrected, string Label, string Detail) : Fact(Source);

/// <summary>What became of a poisoned page: mm/memory-failure.c.</summary>
public sealed record PoisonedPage(Source Source, string Pfn, string Page, string Result) : Fact(Source);

/// <summary>A processor slowed itself down because it was too hot.</summary>
public sealed record ThermalThrottle(Source Source, bool Package) : Fact(Source);

/// <summary>Machine checks and what surrounds them in a log.</summary>
public sealed class MachineCheckLines : LineParser
{
    private readonly MceReader reader;
    private readonly List<MachineCheck> done = [];
    private Boot? boot;

    public MachineCheckLines() => reader = new(done.Add);

    private static readonly string[] Words = [
        "Hardware Error", "achine check", "achine Check", "EDAC", "MCE:", "MCE ", "MCE_", "mce:", "emory failure", "emperature", "panic",
        "TSC ", "STATUS ", "ADDR ", "MISC ", "PROCESSOR ", "RIP ", "MCGSTATUS", "MCGCAP", "APICID", "SOCKETID", "TIME ", "BANK ", "CPU ",
            "IPID", "SYND", "PPIN", "CPUID", "Bank ",
    ];

    public override string Kind => "machine checks";

    public override IReadOnlyList<string> Signs => Words;

    public override bool Line(in TextLine line, Facts facts)
    {
        if (facts.Boot != boot)
        {
            // What was still waiting for lines belongs to the kernel before.
            End(facts);
            boot = facts.Boot;
        }
        if (!MayBeOurs(line.Text))
            return false;
        bool taken = reader.Line(line);
        Drain(facts);
        return taken || Around(line, facts);
    }

    public override void End(Facts facts)
    {
        reader.End();
        Drain(facts);
    }

    private void Drain(Facts facts)
    {
        foreach (MachineCheck record in done)
            facts.Add(new MachineCheckSeen(record.Sources[0], record) { Boot = boot });
        done.Clear();
    }

    /// <summary>A cheap look before the dear one: every line of every input comes by.</summary>
    private static bool MayBeOurs(ReadOnlySpan<char> text) =>
        text.Contains("Hardware Error", StringComparison.Ordinal) || text.Contains("achine check", StringComparison.Ordinal) ||
            text.Contains("achine Check", StringComparison.Ordinal) ||
        text.Contains("EDAC", StringComparison.Ordinal) || text.Contains("MCE", StringComparison.Ordinal) ||
            text.Contains("mce:", StringComparison.Ordinal) ||
        text.Contains("emory failure", StringComparison.Ordinal) || text.Contains("emperature", StringComparison.Ordinal) ||
            text.Contains("panic", StringComparison.Ordinal) ||
        text.IndexOfAny("TSAPMRIBC") is >= 0 and < 80 and var at && LooksLikeField(text[at..]);

    private static bool LooksLikeField(ReadOnlySpan<char> text)
    {
        foreach (string name in (ReadOnlySpan<string>)["TSC ", "STATUS ", "ADDR ", "MISC ", "PROCESSOR ", "RIP", "MCGSTATUS", "MCGCAP",
            "APICID", "SOCKETID", "TIME ", "BANK ", "CPU ", "IPID", "SYND", "PPIN", "CPUID", "Bank "])
        {
            if (text.Contains(name, StringComparison.Ordinal))
                return true;
        }
        return false;
    }

    private static bool Around(in TextLine line, Facts facts)
    {
        ReadOnlySpan<char> m = line.Kernel.Message;
        int tag = m.IndexOf("[Hardware Error]: ", StringComparison.Ordinal);
        ReadOnlySpan<char> said = (tag >= 0 ? m[(tag + "[Hardware Error]: ".Length)..] : m).Trim();
        if (said.StartsWith("mce: ", StringComparison.Ordinal))
            said = said[5..];
        if (said.StartsWith("Machine check: ", StringComparison.Ordinal))
        {
            facts.Add(new MachineCheckReason(line.ToSource(), said["Machine check: ".Length..].Trim().ToString()));
            return true;
        }
        if (said.StartsWith("Machine check events logged", StringComparison.Ordinal))
        {
            facts.Add(new MachineCheckElsewhere(line.ToSource()));
            return true;
        }
        return Panic(m, line, facts) || Absent(said, line, facts) || Edac(m, line, facts) || Poison(m, line, facts) ||
            Thermal(said, line, facts);
    }

    private static bool Panic(ReadOnlySpan<char> m, in TextLine line, Facts facts)
    {
        var c = new TextCursor(m);
        if (!c.Skip("Kernel panic - not syncing: "))
            return false;
        ReadOnlySpan<char> words = c.Rest;
        bool ours = words.Contains("machine check", StringComparison.OrdinalIgnoreCase) ||
            words.Contains("broadcast exception handler", StringComparison.Ordinal) ||
            words.StartsWith("Failed kernel mode recovery", StringComparison.Ordinal) ||
                words.Contains("Some CPUs didn't answer in synchronization", StringComparison.Ordinal) ||
            words.StartsWith("Fatal hardware error", StringComparison.Ordinal) ||
                words.StartsWith("Panicing machine check CPU died", StringComparison.Ordinal);
        if (ours)
            facts.Add(new MachineCheckPanic(line.ToSource(), words.Trim().ToString()));
        return ours;
    }

    private static bool Absent(ReadOnlySpan<char> said, in TextLine line, Facts facts)
    {
        var c = new TextCursor(said);
        if (!c.Skip("CPUs not responding to MCE broadcast") || !c.SkipPast(": "))
            return false;
        facts.Add(new MachineCheckAbsent(line.ToSource(), c.Rest.Trim().ToString()));
        return true;
    }

    /// <summary><c>EDAC MC1: 262 CE memory read error on LABEL (channel:1 slot:0 …)</c></summary>
    private static bool Edac(ReadOnlySpan<char> m, in TextLine line, Facts facts)
    {
        var c = new TextCursor(m);
        if (!c.Skip("EDAC MC") || !c.Number(out _) || !c.Skip(": ") || !c.Number(out long count))
            return false;
        bool ue = c.Skip(" UE ");
        if ((!ue && !c.Skip(" CE ")) || !c.SkipPast(" on "))
            return false;
        ReadOnlySpan<char> rest = c.Rest;
        int bracket = rest.IndexOf(" (", StringComparison.Ordinal);
        facts.Add(new EdacError(line.ToSource(), count, ue, (bracket < 0 ? rest : rest[..bracket]).Trim().ToString(),
            (bracket < 0 ? "" : rest[(bracket + 2)..].TrimEnd(")")).ToString()));
        return true;
    }

    /// <summary><c>Memory failure: 0x11c7c11: recovery action for dirty LRU page: Recovered</c></summary>
    private static bool Poison(ReadOnlySpan<char> m, in TextLine line, Facts facts)
    {
        var c = new TextCursor(m);
        if (!c.Skip("Memory failure: ") || !c.Before(": ", out ReadOnlySpan<char> pfn) || !c.Skip("recovery action for ") ||
            !c.Before(": ", out ReadOnlySpan<char> page))
            return false;
        facts.Add(new PoisonedPage(line.ToSource(), pfn.ToString(), page.ToString(), c.Rest.Trim().ToString()));
        return true;
    }

    private static bool Thermal(ReadOnlySpan<char> said, in TextLine line, Facts facts)
    {
        if (!said.Contains("temperature above threshold, cpu clock throttled", StringComparison.Ordinal) &&
            !said.Contains("temperature/speed normal", StringComparison.Ordinal))
            return false;
        if (said.Contains("above", StringComparison.Ordinal))
            facts.Add(new ThermalThrottle(line.ToSource(), said.Contains("Package", StringComparison.Ordinal)));
        return true;
    }
}
