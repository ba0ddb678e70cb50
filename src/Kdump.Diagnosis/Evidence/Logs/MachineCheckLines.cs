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

/// <summary>CPUs that did not enter the machine check handler when all were called.</summary>
public sealed record MachineCheckAbsent(Source Source, string Cpus) : Fact(Source);

/// <summary>Machine check records were made, but not in this log: they went to /dev/mcelog, EDAC or rasdaemon.</summary>
public sealed record MachineCheckElsewhere(Source Source, double? Time) : Fact(Source);

/// <summary>A processor slowed itself down because it was too hot.</summary>
/// <param name="Total">How often since the machine started, where the line tells.</param>
public sealed record ThermalThrottle(Source Source, bool Package, long Total) : Fact(Source)
{
    /// <summary>Which CPU's driver noticed it.</summary>
    public int? Cpu { get; init; }
}

/// <summary>A sensor passed the point at which the kernel switches the machine off.</summary>
/// <param name="Zone">The thermal zone, with its type where the line has it.</param>
/// <param name="Degrees">As printed: <c>80 C</c>; empty where it is not.</param>
public sealed record CriticalHeat(Source Source, string Zone, string Degrees) : Fact(Source);

/// <summary>This kernel runs in a guest: the machine checks that it sees are what the hypervisor hands on.</summary>
public sealed record GuestSign(Source Source, string Hypervisor) : Fact(Source);

/// <summary>Why the machine was reset before this boot, as AMD's chips keep it.</summary>
public sealed record ResetReason(Source Source, string Words) : Fact(Source);

/// <summary>The machine resumed from sleep: then the content of the banks need not be an error.</summary>
public sealed record Resumed(Source Source) : Fact(Source);

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
            "IPID", "SYND", "PPIN", "CPUID", "Bank ", "emory error in user-access", "hardware memory corruption", "oft-offlining",
                "oft offlin",
            "Offlining page ", "Leaking PFN range", "snp_leak_pages", "snp_free_firmware_pages", "snp_set_rmp_state",
                "Injecting memory failure",
            "ypervisor detected: ", "paravirtualized kernel on ", "hv_balloon: ", "Back to C!", "Waking up from system sleep",
            "PM: suspend exit", "Previous system reset reason",
    ];

    public override string Kind => "machine checks";

    public override IReadOnlyList<string> Signs => Words;

    public override bool Line(in TextLine line, Facts facts)
    {
        if (facts.Boot != boot)
        {
            // Records waiting for more lines belong to the previous kernel.
            End(facts);
            boot = facts.Boot;
        }
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
            facts.Add(new MachineCheckElsewhere(line.ToSource(), line.Kernel.Time));
            return true;
        }
        return Panic(m, line, facts) || Absent(said, line, facts) || EdacLine.Read(m, line, facts) || PoisonLine.Read(m, line, facts) ||
            PoisonLine.Read(said, line, facts) || Thermal(said, line, facts) || State(m, line, facts);
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

    private static bool Thermal(ReadOnlySpan<char> said, in TextLine line, Facts facts)
    {
        if (Critical(said, line, facts))
            return true;
        if (!said.Contains("temperature above threshold, cpu clock throttled", StringComparison.Ordinal) &&
            !said.Contains("temperature is above threshold, cpu clock is throttled", StringComparison.Ordinal) &&
            !said.EndsWith(": Temperature above threshold", StringComparison.Ordinal) &&
            !said.Contains("temperature/speed normal", StringComparison.Ordinal))
            return false;
        if (said.Contains("above", StringComparison.Ordinal))
        {
            var c = new TextCursor(said);
            long total = c.SkipPast("total events = ") && c.Number(out long number) && number > 0 ? number : 0;
            var head = new TextCursor(said);
            facts.Add(new ThermalThrottle(line.ToSource(), said.Contains("Package", StringComparison.Ordinal), total)
            {
                Cpu = head.Skip("CPU") && head.Number(out long cpu) && cpu is >= 0 and < int.MaxValue ? (int)cpu : null,
            });
        }
        return true;
    }

    /// <summary>
    /// <c>thermal thermal_zone3: critical temperature reached (80 C), shutting down</c>, since 5.11 without degrees, since 6.x with the
    /// zone's type; <c>Critical temperature reached (105 C), shutting down.</c> of old ACPI; kernel/reboot.c's own line behind it.
    /// </summary>
    private static bool Critical(ReadOnlySpan<char> said, in TextLine line, Facts facts)
    {
        var c = new TextCursor(said);
        if (c.SkipPast("HARDWARE PROTECTION shutdown (") && c.Rest.Contains("emperature", StringComparison.Ordinal))
        {
            facts.Add(new CriticalHeat(line.ToSource(), "", ""));
            return true;
        }
        int at = said.IndexOf("ritical temperature reached", StringComparison.Ordinal);
        if (at < 1)
            return false;
        // A card's own driver protects only the card.
        if (!said.Contains("thermal", StringComparison.Ordinal) && !said.Contains("shutting down", StringComparison.OrdinalIgnoreCase))
            return false;
        ReadOnlySpan<char> before = said[..(at - 1)].Trim(" :");
        if (before.StartsWith("thermal ", StringComparison.Ordinal))
            before = before["thermal ".Length..];
        c = new TextCursor(said[(at + "ritical temperature reached".Length)..]);
        string degrees = c.SkipSpaces() && c.Skip("(") && c.Before(")", out ReadOnlySpan<char> printed) ? printed.ToString() : "";
        facts.Add(new CriticalHeat(line.ToSource(), before.Length is > 0 and < 64 ? before.ToString() : "", degrees));
        return true;
    }

    /// <summary>Lines that tell the state of the machine when an error occurs.</summary>
    private static bool State(ReadOnlySpan<char> m, in TextLine line, Facts facts)
    {
        var c = new TextCursor(m);
        if (c.SkipPast("ypervisor detected: ") || c.SkipPast("paravirtualized kernel on "))
        {
            if (!c.Rest.StartsWith("bare hardware", StringComparison.Ordinal))
                facts.Add(new GuestSign(line.ToSource(), c.Rest.Trim().ToString()));
        }
        else if (c.SkipPast("Previous system reset reason [") && c.SkipPast("]: "))
            facts.Add(new ResetReason(line.ToSource(), c.Rest.Trim().ToString()));
        else if (m.StartsWith("hv_balloon: ", StringComparison.Ordinal))
            facts.Add(new GuestSign(line.ToSource(), "Hyper-V"));
        else if (m.Contains("Back to C!", StringComparison.Ordinal) ||
            m.Contains("Waking up from system sleep", StringComparison.Ordinal) || m.StartsWith("PM: suspend exit",
                StringComparison.Ordinal))
            facts.Add(new Resumed(line.ToSource()));
        return false;
    }
}
