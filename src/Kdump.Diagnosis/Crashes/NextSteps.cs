using Kdump.Diagnosis.Evidence.Dumps;

namespace Kdump.Diagnosis.Crashes;

/// <summary>
/// The next steps for a crash whose report shows no cause that could be fixed. Settings are of
/// Documentation/admin-guide/sysctl/kernel.rst.
/// </summary>
internal static class NextSteps
{
    /// <param name="id">Of the finding.</param>
    public static Fix[] Of(Crash crash, string id, Facts facts)
    {
        if (facts.Of<DumpFile>().FirstOrDefault(d => d.Boot == crash.Boot) is { } dump)
            return [new Fix("Read what the dump's memory shows of it", $"kdt vmcore report {ShellWord.Path(dump.Source.Input)}")];
        return id switch
        {
            "soft-lockup" => [Stacks("kernel.softlockup_all_cpu_backtrace", "kernel.softlockup_panic")],
            "hard-lockup" => [Stacks("kernel.hardlockup_all_cpu_backtrace", "kernel.hardlockup_panic")],
            "rcu-stall" => [Stacks("kernel.panic_on_rcu_stall")],
            _ when crash.Kind == "init-died" && crash.Time is > Started && BySignal(crash) =>
                [new Fix("Read what was logged before it: init ran for long, so its file, a library, its memory or the disk below was " +
                    "taken away or damaged", "journalctl -b -1 -e")],
            _ when crash.Kind == "init-died" => [new Fix("Stop the start before it and look around: rd.break (dracut), break=bottom " +
                "(initramfs-tools) or init=/bin/sh on the kernel's command line")],
            _ when crash.Kind == "serror" =>
                [new Fix("Check whether it also happens without the driver on the stack, " +
                    "or with its device kept awake (\"on\" in its power/control); newer firmware or device tree of the board")],
            _ => [.. General(crash)],
        };
    }

    /// <summary>Seconds after which a start is over.</summary>
    private const double Started = 90;

    /// <summary>The exit code in the format of wait(2): below 80h it is the number of a signal.</summary>
    private static bool BySignal(Crash crash)
    {
        const string Code = "exitcode=0x000000";
        int at = crash.Source.Plain.IndexOf(Code, StringComparison.Ordinal);
        return at >= 0 && crash.Source.Plain.Length > at + Code.Length && crash.Source.Plain[at + Code.Length] is >= '0' and < '8';
    }

    private static Fix Stacks(params string[] settings) => new("When it happens again: the stacks of all CPUs, and a dump",
        "sysctl -w " + string.Join(' ', settings.Select(s => s + "=1")), "the machine then panics and restarts: kdt host check first")
    {
        Undo = "sysctl -w " + string.Join(' ', settings.Select(s => s + "=0")),
    };

    private static IEnumerable<Fix> General(Crash crash)
    {
        yield return crash.Function is { } function
            ? new Fix($"Check whether a newer kernel has fixed it (its changes name {function}); " +
                $"if not, report it to the developers with all lines since the boot")
            : new Fix("Get the missing lines: the whole log of that boot",
                "journalctl -k -b -1 --no-pager; ls -l /var/lib/systemd/pstore /sys/fs/pstore /var/crash");
        if (crash.Boot?.Capture != true && !crash.Context.KdumpLoaded)
            yield return new Fix("A dump of the next crash shows what no log can: check whether this machine would write one",
                "kdt host check");
    }
}
