using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Hardware;
using Kdump.Diagnosis.MachineChecks;
using Kdump.Diagnosis.MachineChecks.Records;

namespace Kdump.Diagnosis.Rules.Hardware;

/// <summary>Records that are not errors of this boot: left in a bank by earlier software, or empty.</summary>
public sealed class MceLeftOver : Rule
{
    /// <summary>Maximum number of lines between resume and a record that the sleep left.</summary>
    private const int AfterWake = 40;

    public override string Id => "mce-left-over";

    public override Entry Entry => new("mce-left-over", "a machine check record was left over from before this kernel, or is empty")
    {
        Area = Area.Hardware,
        Signature = ["mce: [Hardware Error]: CPU …: Machine Check: 0 Bank …: …"],
        Cause = "Banks survive a warm reset, and firmware may leave records there. " +
            "A record that is enabled with corrupt context ended the previous boot; one that is not enabled was left by firmware.",
        Fixes = [new("Decode it", "kdt mce dmesg.txt")],
        Kernels = "x86",
        Origin = "arch/x86/kernel/cpu/mce/core.c machine_check_poll()",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (IGrouping<string, MceGroup> same in MceGroup.Of(facts)
            .Where(g => g.First.Record.Empty || (MceSentences.LeftOver(g, facts) &&
                g.First.Severity is "fatal" or "uncorrected" or "recoverable"))
            .GroupBy(g => $"bank{g.First.Record.Bank}-{g.First.Record.Status:x}"))
            yield return same.First().First.Record.Empty ? Empty([.. same]) : LeftOver([.. same], facts);
    }

    private Finding Empty(MceGroup[] same)
    {
        MachineCheck r = same[0].First.Record;
        bool ones = r.Status == ulong.MaxValue;
        string content;
        if (ones)
            content = "all ones";
        else
            content = r.Status == 0 ? "all zero" : "not valid (VAL bit clear)";
        return new(Id, $"an empty machine check record, {MceSentences.WhoReported(same[0])}, bank {r.Bank}: its status is " +
            content + ", so it contains no error", Severity.Info,
                0.9,
            ones ? "Every bit reads as one: the register did not answer. Nothing can be read from it about the hardware."
                : "A record with an error has its valid bit (63) set. " +
                    "A test (mce-inject) or a tool that reads an unused bank makes such records; no part needs to be replaced.")
        {
            Subject = $"bank{r.Bank}-empty",
            Evidence = r.Sources.Take(6).ToArray(),
        };
    }

    private Finding LeftOver(MceGroup[] same, Facts facts)
    {
        MceGroup group = same[0];
        MceEvent e = group.First;
        MachineCheck r = e.Record;
        bool enabled = (r.Status & MciStatus.En) is > 0;
        Resumed? woke = facts.Of<Resumed>().LastOrDefault(w => w.Source.Input == r.Sources[0].Input && w.Source.Line < r.Sources[0].Line &&
            r.Sources[0].Line - w.Source.Line <= AfterWake);
        string words = $"{e.Words}{(e.Unit.Length > 0 ? $" ({e.Unit})" : "")}, {MceSentences.WhoReported(group)}, bank {r.Bank}";
        var why = new List<string>();
        string title;
        Severity severity;
        if (woke is not null)
        {
            title = $"a machine check record left in bank {r.Bank} by the resume from sleep: {words}";
            severity = Severity.Warning;
            why.Add("It was found during resume from sleep (for example S3): " +
                "the content of a bank after sleep is undefined unless firmware clears it, and older kernels then report it. " +
                "It is not an error of the running system.");
        }
        else if (enabled && !e.FirmwareAddress)
        {
            title = r.ContextCorrupt
                ? $"left over from before this boot: the uncorrected machine check that ended the previous boot: {words}"
                : $"left over from before this boot: an uncorrected machine check: {words}";
            severity = Severity.Error;
            why.Add("The record was found in the bank and not signalled" +
                (r.ContextCorrupt
                    ? "; this kernel would have stopped immediately. Banks survive a warm reset: it is from the previous crash or reset."
                        : ". Banks survive a warm reset: it is from earlier software."));
            why.Add(MceSentences.About(e));
        }
        else
        {
            title = $"a machine check record left over from before this boot, by firmware or the reset: {words}";
            severity = Severity.Warning;
            why.Add("The record was found in the bank and not signalled (EN=0: reporting was not enabled), " +
                "so it is not an error of this boot. Firmware that touches such addresses before the kernel starts, " +
                "and does not clear the bank, leaves the same record at every boot; a firmware update may end it.");
        }
        if (MceSentences.Place(r) is { Length: > 0 } place)
            why.Add($"Place: {place}.");
        if (r.ContextCorrupt)
            why.Add("Its status says uncorrected, and that the context of the processor was corrupt (PCC).");
        if (same.Length > 1)
            why.Add($"{Counted.Of(same.Length, "record")} of the same bank and status.");
        if (e.Processor.Length > 0)
            why.Add($"Processor: {e.Processor}.");
        why.AddRange(MceSentences.NotesOf(e));
        return new(Id, title, severity, 0.85, string.Join(' ', why))
        {
            Subject = $"bank{r.Bank}-{r.Status:x}",
            Fixes = severity switch
            {
                Severity.Error => [.. MceAdvice.For(e), new("Look for other records of that moment",
                    "ipmitool sel elist; journalctl -b -1 -k")],
                _ when woke is not null => [new("Update the firmware (BIOS); treat it as an error only if it also occurs without sleep")],
                _ => [new("Check whether the same status appears at every boot, also after a cold start; if so, update the firmware (BIOS)",
                    "journalctl -k | grep 'Machine Check'")],
            },
            Evidence = [.. group.Events.SelectMany(x => x.Record.Sources).Take(8), .. woke is null ? [] : new[] { woke.Source }],
            Explains = severity == Severity.Error ? ["reset-by-hardware-error"] : [],
        };
    }
}
