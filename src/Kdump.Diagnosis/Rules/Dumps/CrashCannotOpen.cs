using Kdump.Diagnosis.Catalogue.Tools;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>The program crash(8) could not open a dump; its messages say why.</summary>
public sealed class CrashCannotOpen : Rule
{
    public override string Id => "crash-cannot-open-dump";

    public override Entry Entry => new("crash-cannot-open-dump", "crash could not open the dump")
    {
        Area = Area.Writing,
        Signature =
        [
            "crash: page excluded: kernel virtual address: …  type: \"…\"",
            "crash: seek error: kernel virtual address: …  type: \"…\"",
            "crash: vmlinux and vmcore do not match!",
        ],
        Cause = "vmlinux and dump are from different builds, the dump is incomplete or lacks a page, or crash is older than the kernel.",
        Fixes = [new("Check whether the dump is complete and which kernel it is from", "kdt vmcore verify vmcore; kdt vmcore info vmcore")],
        Origin = "crash memory.c readmem(), kernel.c verify_version(), main.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        ToolSaid[] all = facts.Of<ToolSaid>().Where(s => s.Message.Stage == ToolStage.Opened).ToArray();
        ToolSaid[] said = [.. all.Where(s => s.Message.Means.Length > 0).OrderBy(s => CommandOf(s.Source.Plain) is not null)
            .ThenBy(s => s.Message.Mark switch { CrashToolMessages.First => 0, CrashToolMessages.Follows => 2, _ => 1 })];
        if (said.Length == 0)
            yield break;
        if (OfSession(all, said) is { } open)
        {
            yield return open;
            yield break;
        }
        if (all.FirstOrDefault(s => s.Message.Mark == CrashToolMessages.DevMem) is { } closed)
        {
            yield return Closed(closed, said);
            yield break;
        }
        ToolSaid? live = all.FirstOrDefault(s => s.Message.Mark == CrashToolMessages.Live),
            xen = all.FirstOrDefault(s => s.Message.Mark == CrashToolMessages.Xen);
        string? given = all.FirstOrDefault(s => s.Message.Mark == CrashToolMessages.VmlinuxOf)?.Taken[0].Trim(),
            dumped = all.FirstOrDefault(s => s.Message.Mark == CrashToolMessages.DumpOf)?.Taken[0].Trim();
        bool other = live is null && given is not null && dumped is not null && given != dumped && PlainWord.Is(dumped);
        string why;
        if (other)
            why = $"The vmlinux is that of kernel {given}, and the dump is of {dumped}: " +
                $"crash needs the one of the same build. {said[0].Means}";
        else if (live is not null)
            why = $"It read the running kernel ({live.Taken[0].Trim()}), not a dump, and found no sense at the first address it needed " +
                $"({said[0].Taken[^1]}): this crash is older than the kernel, the vmlinux " +
                "(or System.map) is of another build, or the kernel does not allow its memory to be read (lockdown, CONFIG_STRICT_DEVMEM).";
        else
            why = said[0].Means + (xen is null ? "" : " The dump is of a Xen dom0, " +
                "where every address goes through the hypervisor's table of frames (p2m): " +
                "an entry that is all ones means that crash reads that table wrongly, or that the frame was not dumped.");
        if (all.FirstOrDefault(s => s.Message.Mark == CrashToolMessages.Flat) is { } flat)
        {
            said = [flat, .. said];
            why = "The file begins with makedumpfile's name: it is in the flattened form (written through a pipe or by a hypervisor), " +
                "which must be put together before crash reads it as a dump. What crash says of the builds follows from this.";
        }
        if (all.Any(s => s.Message.Mark == CrashToolMessages.Partial))
            why += " The file is a minidump, which holds only the regions that were registered for it: whatever lies elsewhere " +
                "(stacks of other CPUs, page tables, modules) is not in it, and only crash --minimal (log, rd, sym) is of use.";
        if (all.Any(s => s.Message.Mark == CrashToolMessages.Offsets) && live is null)
            why += " The dump is read with offsets that were given by hand (--kaslr, phys_offset): if one is wrong, every address is.";
        // A command of an open session names itself; crash itself says it only while it opens.
        if (CommandOf(said[0].Source.Plain) is { } command)
        {
            yield return new Finding(Id, $"crash's command {command} did not find in the dump what it needs", Severity.Warning, 0.85,
                "The dump was opened; one command met a page that is not in it. " +
                    "Pages of user space and caches are left out on purpose by the dump level (makedumpfile -d 31): " +
                    "what a process's own memory holds (gcore, ps -a, vtop of user addresses) is then not to be had. " +
                    "If it is the kernel's own page, the command (or extension) is older than the kernel, or the dump is cut off.")
            {
                Evidence = [.. said.Select(s => s.Source).Take(4)],
                Fixes = [new Fix("See the dump's level and whether it is whole", "kdt vmcore info vmcore; kdt vmcore verify vmcore"),
                    new Fix("For memory of processes dump them next time: a lower level", "core_collector makedumpfile -l -d 23",
                        "the dump is larger")],
            };
            yield break;
        }
        string program = said[0].Message.Means.Contains("drgn", StringComparison.Ordinal) ||
            all.Any(s => s.Message.Mark == CrashToolMessages.DrgnRuns) ? "drgn" : "crash";
        Fix[] fixes;
        if (other)
            fixes = [new Fix($"Take the vmlinux of {dumped} (kernel-debuginfo, linux-image-…-dbgsym of exactly that version)",
                $"ls /usr/lib/debug/lib/modules/ /usr/lib/debug/boot/; dnf debuginfo-install kernel-{dumped}")];
        else if (said[0].Message.Mark == CrashToolMessages.Flat)
            fixes = [new Fix("Put it together, then open that", "makedumpfile -R vmcore < FILE; kdt vmcore info FILE")];
        else if (live is null)
            fixes = [.. DumpServices.Fitting(said[0], DumpService.Unknown)];
        else
            fixes = [new Fix("Use a newer crash with exactly this kernel's vmlinux, as root, on /proc/kcore",
                "crash --version; crash /usr/lib/debug/boot/vmlinux-$(uname -r) /proc/kcore; cat /sys/kernel/security/lockdown")];
        string title = live is null ? $"{program} could not open the dump" : "crash could not read the running kernel";
        if (other)
            title = "crash was given the vmlinux of another kernel than the dump's";
        yield return new Finding(Id, title, Severity.Error, 0.9, why)
        {
            CausedBy = ["vmcore-incomplete"],
            Evidence = [.. said.Concat(new[] { live, xen }.OfType<ToolSaid>()).Select(s => s.Source).Take(4)],
            Fixes = fixes,
        };
    }

    /// <summary>crash read the running kernel, not a dump, and by the file that kernels close.</summary>
    private Finding Closed(ToolSaid closed, ToolSaid[] said) => new(Id, "crash could not read the running kernel: /dev/mem is closed to it",
        Severity.Error, 0.95, "It was given no dump, so it reads the memory of the running kernel. " +
            "This kernel does not let /dev/mem be read, not even by root (CONFIG_STRICT_DEVMEM, or lockdown as with Secure Boot). " +
            "Newer versions go on with /proc/kcore. Neither the vmlinux nor a dump is to blame for what it could not read after that.")
    {
        Evidence = [closed.Source, .. said.Select(s => s.Source).Take(3)],
        Fixes = [new Fix("Name /proc/kcore instead, as root (under lockdown=confidentiality that is closed, too)",
            "crash /usr/lib/debug/lib/modules/$(uname -r)/vmlinux /proc/kcore; cat /sys/kernel/security/lockdown; crash --version")],
    };

    /// <summary>crash's heading or prompt shows that it opened what it was given: what it could not read is a part of it.</summary>
    private Finding? OfSession(ToolSaid[] all, ToolSaid[] said)
    {
        ToolSaid[] open = [.. all.Where(s => s.Message.Mark == CrashToolMessages.Session)];
        if (open.Length == 0 || CommandOf(said[0].Source.Plain) is not null || said[0].Message.Stage != ToolStage.Opened ||
            said.Any(s => s.Source.Input != open[0].Source.Input))
            return null;
        if (all.FirstOrDefault(s => s.Message.Mark == CrashToolMessages.Kcore) is { } kcore &&
            open.Any(s => s.Taken[0].Contains("/proc/kcore", StringComparison.Ordinal)))
        {
            return new Finding(Id, "crash reads the running kernel through /proc/kcore: /dev/mem is closed to it, which is no fault",
                Severity.Info, 0.95, "It tries /dev/mem first, which distributions restrict " +
                "(CONFIG_STRICT_DEVMEM), and goes on with /proc/kcore. The session is open, and its first message can be ignored.")
            {
                Evidence = [kcore.Source, said[0].Source],
            };
        }
        return new Finding(Id, "crash opened the dump, but could not read parts of the kernel in it", Severity.Warning, 0.85,
            $"{said[0].Means} The session is open; what depends on these parts (log, ps, mod …) is missing or wrong.")
        {
            Evidence = [.. said.Select(s => s.Source).Take(4)],
            Fixes = [.. DumpServices.Fitting(said[0], DumpService.Unknown),
                new Fix("For the kernel's log alone",
                    "kdt log vmcore; makedumpfile --dump-dmesg vmcore dmesg.txt; strings vmcore | grep -m5 '^\\[ '")],
        };
    }

    /// <summary>The command before crash's own words: <c>gcore: seek error: …</c>, <c>kmem: page excluded: …</c>.</summary>
    private static string? CommandOf(string line)
    {
        int at = new[] { ": seek error: ", ": page excluded: ", ": read error: ", ": invalid kernel virtual address: ",
            ": invalid user virtual address: " }.Select(w => line.IndexOf(w, StringComparison.Ordinal)).Where(p =>
                p > 0).DefaultIfEmpty(-1).Min();
        if (at <= 0)
            return null;
        string name = line[..at].Trim();
        name = name[(name.LastIndexOf(' ') + 1)..];
        return name.Length is > 1 and < 16 && name.All(char.IsAsciiLetterLower) && name is not ("crash" or "drgn") ? name : null;
    }
}
