using Kdump.Diagnosis.Catalogue.Tools;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>A program that loads the crash kernel, builds its image or writes the dump was killed by a signal.</summary>
public sealed class DumpToolCrashed : Rule
{
    public override string Id => "dump-tool-crashed";

    public override Entry Entry => new("dump-tool-crashed", "a program of kdump crashed")
    {
        Area = Area.Preparing,
        Signature =
        [
            "Process … (kexec) of user 0 terminated abnormally with signal 11/SEGV",
            "kdumpctl: line …: … Aborted (core dumped) $KEXEC …",
            "makedumpfile[…]: unhandled signal 7 at …",
            "realloc(): invalid pointer",
        ],
        Cause = "A bug of the program, or input that it does not support (two ranges \"Crash kernel\" for an old kexec-tools on arm64). " +
            "A makedumpfile that is killed by SIGBUS accessed memory that the dump's description " +
            "(elfcorehdr) names but that does not exist any more. SIGKILL usually means that memory was exhausted.",
        Fixes = [new("Install newer kexec-tools, makedumpfile or dracut", "coredumpctl info")],
        Origin = "bash, glibc malloc, systemd-coredump; kexec-tools commit b5a34a2; linuxppc-dev mail 1586397411-24259-2",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (IGrouping<string, ToolCrash> group in facts.Of<ToolCrash>().GroupBy(c => c.Program, StringComparer.Ordinal).Take(8))
        {
            ToolCrash[] crashes = [.. group];
            int signal = crashes.Select(c => c.Signal).FirstOrDefault(s => s != 0);
            // If a fallback saved the dump anyway, the crash of this program had no effect.
            bool saves = group.Key is "makedumpfile" or "vmcore-dmesg";
            bool saved = saves && crashes.All(c => DumpSaved.In(c.Boot, facts));
            string name = group.Key.Length == 0 ? "a program that kdump's service ran" : group.Key;
            DumpService service = DumpServices.Of(facts);
            bool memory = saves && signal == 7;
            CrashRange[] ranges = group.Key == "kexec" ? [.. facts.Of<CrashRange>()] : [];
            yield return new Finding(Id, memory ? $"{name} was killed by SIGBUS while it read memory that does not exist"
                : $"{name} {(signal == 9 ? "was killed" : "crashed")}{(signal == 0 ? "" : $" (signal {signal}, {Name(signal)})")}",
                saved || group.Key == "vmcore-dmesg" ? Severity.Warning : Severity.Error, 0.95, Why(group.Key, signal, ranges))
            {
                Subject = group.Key.Length == 0 ? null : group.Key,
                CausedBy = saves ? ["capture-kernel-oom", "dump-header-goes-stale"] : [],
                Explains = group.Key switch
                {
                    "kexec" => ["kexec-load-rejected", "kdump-service-failed"],
                    "makedumpfile" => ["vmcore-incomplete", "dump-not-saved", "makedumpfile-failed"],
                    _ => ["kdump-image-not-built", "kdump-service-failed"],
                },
                Impact = group.Key switch
                {
                    "makedumpfile" or "kdump.sh" or "kdump-save" or "kdumptool" or "cp" or "scp" or "ssh" or "dd" or "makedumpfile-R" =>
                        null,
                    "vmcore-dmesg" => "The kernel's log is not saved beside the dump.",
                    "kexec" => "A crash now leaves no dump: the crash kernel is not loaded.",
                    "" => "What it should have done for the dump is not done.",
                    _ => "An image that it was to make, for the crash kernel or for the next start, is missing or not whole.",
                },
                Evidence = [.. crashes.Select(c => c.Source).Take(3), .. ranges.Length > 1 ? ranges.Select(r => r.Source).Take(2) : []],
                Fixes = [.. Fixes(group.Key, signal, ranges.Length > 1, service)],
            };
        }
    }

    private static string Why(string program, int signal, CrashRange[] ranges) => (program, signal) switch
    {
        ("makedumpfile" or "vmcore-dmesg", 7) =>
            "It had mapped /proc/vmcore, and a page of it could not be mapped: " +
            "the description of the old memory (elfcorehdr) names memory that no longer exists, " +
            "as after memory was hot-removed and the crash kernel was not loaded again, or that the hypervisor does not give out.",
        (_, 9) => "It was killed from outside: in a crash kernel this is nearly always because memory was exhausted.",
        ("makedumpfile", 11) => "A bug of makedumpfile with this kernel, or a page of /proc/vmcore that could not be mapped.",
        ("kexec", _) when ranges.Length > 1 =>
            "kexec itself crashed; the kernel did not refuse anything. This machine has two ranges \"Crash kernel\" in /proc/iomem " +
            "(crashkernel=…,high and …,low); on arm64, kexec-tools before 2.0.24 are known to crash on two ranges.",
        ("kexec", _) =>
            "kexec itself crashed; " +
                "the kernel did not refuse anything: a bug of kexec-tools or of a library it uses, or a mismatch of the two.",
        ("", _) => "The line does not name the program; earlier lines may.",
        _ => "A bug of the program or of a library that it uses; its task was not completed.",
    };

    private static IEnumerable<Fix> Fixes(string program, int signal, bool ranges, DumpService service)
    {
        if (program is "makedumpfile" or "vmcore-dmesg" && signal == 7)
        {
            yield return new(
                "Reload the crash kernel after every change of memory or CPUs, and update kexec-tools and the kernel: " +
                    "new enough versions do this automatically", DumpServices.Reload(service));
            yield return new($"Make it read instead of map: add --non-mmap to makedumpfile ({DumpServices.CopySetting(service)})",
                DumpServices.Rebuild(service));
            yield break;
        }
        if (signal == 9)
        {
            yield return new("Reserve more memory for the crash kernel (crashkernel=), and look for \"Out of memory\" in its log");
            yield break;
        }
        string package = program switch
        {
            "kexec" or "vmcore-dmesg" => "kexec-tools",
            "makedumpfile" => "makedumpfile",
            "dracut" or "dracut-install" => "dracut",
            _ => "kexec-tools, makedumpfile and the image builder",
        };
        yield return new($"Install a newer {package}; the core dump shows where it crashed", program.Length == 0 ? "coredumpctl list"
            : $"coredumpctl info {program}");
        if (ranges)
        {
            yield return new("Until then reserve one range only: crashkernel=SIZE without ,high and ,low",
                "grubby --update-kernel=ALL --remove-args=crashkernel --args=crashkernel=512M", "needs a reboot");
        }
    }

    private static string Name(int signal) => signal switch
    {
        4 => "SIGILL", 5 => "SIGTRAP", 6 => "SIGABRT", 7 => "SIGBUS", 8 => "SIGFPE", 9 => "SIGKILL", 11 => "SIGSEGV", 15 => "SIGTERM",
        _ => "an unusual one",
    };
}
