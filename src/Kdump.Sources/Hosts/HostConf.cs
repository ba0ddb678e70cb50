using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Images;
using Kdump.Diagnosis.Model;
using Kdump.Sources.Machines;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Hosts;

/// <summary>
/// The machine's own configuration of its dump tools, judged as the tools judge it when they start: what the file says, and whether what
/// it names is there. Authority: kdump-utils kdumpctl and mkdumprd, kdump-tools kdump-config, openSUSE/kdump load.sh and mkdumprd.
/// </summary>
public static class HostConf
{
    public const string RedHatFile = "/etc/kdump.conf", RedHatOptions = "/etc/sysconfig/kdump", DebianFile = "/etc/default/kdump-tools";

    public static void Collect(MachineTree root, KdumpTools tools, Facts facts)
    {
        var own = new Facts();
        switch (tools)
        {
            case KdumpTools.Debian:
                root.Parse(DebianFile, new DebianKdumpConf(), own);
                break;
            case KdumpTools.Suse:
                root.Parse(RedHatOptions, new SuseKdumpConf(), own);
                break;
            case KdumpTools.RedHat:
                root.Parse(RedHatFile, new KdumpConf(), own);
                root.Parse(RedHatOptions, new RedHatSysconfig(), own);
                RedHatConf.Judge(root, own);
                break;
        }
        KdumpSetting[] settings = [.. own.Of<KdumpSetting>()];
        DumpTarget? target = own.Of<DumpTarget>().FirstOrDefault();
        foreach (KdumpSetting setting in settings.Where(s => s.Value.Length > 0))
        {
            foreach (KdumpConfProblem problem in Named(root, tools, setting))
                own.Add(problem);
        }
        foreach (CollectorProblem problem in Collector(root, tools, settings, target))
            facts.Add(problem);
        if (tools == KdumpTools.Debian)
        {
            foreach (KdumpConfProblem problem in Senders(root, own))
                own.Add(problem);
        }
        // SUSE's image holds the machine's; with KDUMP_DUMPFORMAT=none only the log is written.
        if (tools is KdumpTools.Debian or KdumpTools.Suse && root.IsWhole && settings is [var first, ..] && !Has(root, "makedumpfile") &&
            !settings.Any(s => s is { Name: "KDUMP_DUMPFORMAT", Value: "none" }))
            own.Add(new KdumpConfProblem(first.Source, "the dump is written by makedumpfile, which the machine does not have")
            {
                Effect = ConfEffect.Fails,
                Correction = "Install it",
                Command = $"{(tools == KdumpTools.Debian ? "apt-get" : "zypper")} install makedumpfile",
            });
        if (tools == KdumpTools.Suse && Array.FindLast(settings, s => s.Name == "KDUMP_FADUMP") is { Value: "true" or "yes" or
            "1" } fadump &&
            root.IsFile("/sys/kernel/uevent_seqnum") && !Fadump.IsOn(root))
            own.Add(Refused(fadump, "KDUMP_FADUMP is set, and the running kernel has no fadump",
                "Write KDUMP_FADUMP=false, or boot a POWER machine with fadump=on"));
        if (target?.Kind == TargetKind.Ssh)
        {
            foreach (KdumpConfProblem problem in HostSsh.Judge(root, target, settings))
                own.Add(problem);
        }
        foreach (Fact fact in own.All)
            facts.Add(fact is KdumpConfProblem p ? p with { OfMachine = true, File = PathOf(root, p.Source.Input) } : fact);
    }

    /// <summary>The path on the machine of what a message calls by the name of the copy.</summary>
    private static string PathOf(MachineTree root, string shown) =>
        Array.Find([RedHatFile, RedHatOptions, DebianFile], p => root.Shown(p) == shown) ?? shown;

    /// <summary>Files and kernels that a setting names and the machine does not have.</summary>
    private static IEnumerable<KdumpConfProblem> Named(MachineTree root, KdumpTools tools, KdumpSetting s)
    {
        switch (s.Name)
        {
            case "kdump_pre" or "kdump_post" or "kdump_emergency" or "extra_bins":
                foreach (string word in Words(s.Value).Where(w => !w.StartsWith('/') || (root.IsWhole && !root.Exists(w))))
                {
                    yield return Refused(s, word.StartsWith('/') ? $"{s.Name} names {word}, which is not there"
                        : $"{s.Name} names '{word}' without its folder: kdumpctl looks for a file of that path",
                        word.StartsWith('/') ? $"Install it, or take it out of {s.Name}" : "Write the whole path");
                }
                foreach (string word in Words(s.Value).Where(w => w.StartsWith('/') && root.IsWhole && root.IsExecutable(w) == false))
                    yield return Refused(s, $"{s.Name} names {word}, which is not executable", $"Make it so: chmod +x {word}");
                break;
            case "KDUMP_KERNELVER" when !s.Value.Contains('$') && (s.Value.StartsWith('/') && tools == KdumpTools.Suse
                ? root.IsWhole && !root.IsFile(s.Value) : HasKernels(root) && !HasKernel(root, s.Value)):
                yield return Refused(s, $"KDUMP_KERNELVER names the kernel {s.Value}, which is not installed",
                    "Leave KDUMP_KERNELVER empty, so that the running kernel is taken");
                break;
            case "KDUMP_BOOTDIR" when root.IsWhole && !root.IsFolder(s.Value):
                yield return Refused(s, $"KDUMP_BOOTDIR names {s.Value}, which is not there", "Take KDUMP_BOOTDIR out");
                break;
            // kdump-config recreates its own links in /var/lib/kdump each time.
            case "KDUMP_KERNEL" or "KDUMP_INITRD" when s.Value.StartsWith('/') && !s.Value.StartsWith("/var/lib/kdump/",
                StringComparison.Ordinal) && root.List(Folder(s.Value)).Count > 0 && !root.Knows(s.Value):
                yield return Refused(s, $"{s.Name} names {s.Value}, which is not there",
                    $"Write {s.Name}=/var/lib/kdump/{(s.Name == "KDUMP_KERNEL" ? "vmlinuz" : "initrd.img")}");
                break;
            // kexec-tools, kexec/arch/arm64/kexec-arm64.c: --dtb is read for kexec_load; the kernel makes its own for kexec_file_load.
            case "KEXEC_ARGS" or "KDUMP_KEXEC_ARGS" or "KEXEC_OPTIONS":
                string[] words = Words(s.Value);
                string? blob = words.FirstOrDefault(w => w.StartsWith("--dtb=", StringComparison.Ordinal))?["--dtb=".Length..];
                if (blob is not null && root.IsWhole && !root.Exists(blob))
                    yield return Refused(s, $"{s.Name} names the device tree {blob}, which is not there",
                        "Take --dtb out: kexec then takes the running kernel's device tree");
                else if (blob is not null && words.Any(w => w is "-s" or "--kexec-file-syscall"))
                    yield return new(s.Source, $"{s.Name} has --dtb={blob} beside -s, which makes its device tree from the running one")
                    { Correction = "Take --dtb out, or -s" };
                break;
            case "KDUMP_COMPRESSION" when root.IsWhole && s.Value is "bzip2" or "gzip" or "lz4" or "xz" && !Has(root, s.Value):
                yield return new(s.Source, $"KDUMP_COMPRESSION={s.Value}, and the machine has no {s.Value}: the dump is not packed")
                { Correction = $"Install {s.Value}" };
                break;
            case "KDUMP_DUMPFORMAT" when tools == KdumpTools.Suse && s.Value == "none":
                yield return new(s.Source, "KDUMP_DUMPFORMAT=none: only the kernel's log is saved, and no memory")
                { Effect = ConfEffect.Doubtful, Correction = "Write KDUMP_DUMPFORMAT=compressed, if a dump is wanted" };
                break;
            case "KDUMP_REQUIRED_PROGRAMS":
                foreach (string word in Words(s.Value).Where(w => root.IsWhole && !(w.StartsWith('/') ? root.Exists(w) : Has(root, w))))
                    yield return new(s.Source, $"KDUMP_REQUIRED_PROGRAMS names {word}, which is not there")
                    { Effect = ConfEffect.Fails, Correction = "Install it, or take it out" };
                break;
            case "KDUMP_PRESCRIPT" or "KDUMP_POSTSCRIPT" or "KDUMP_TRANSFER" when tools == KdumpTools.Suse:
                if (Words(s.Value) is [['/', ..] program, ..] && root.IsWhole && !root.Exists(program))
                    yield return new(s.Source, $"{s.Name} names {program}, which is not there")
                    { Effect = ConfEffect.Fails, Correction = $"Install it, or leave {s.Name} empty" };
                break;
        }
    }

    /// <summary>The program that writes the dump, and its arguments.</summary>
    private static IEnumerable<CollectorProblem> Collector(MachineTree root, KdumpTools tools, KdumpSetting[] settings, DumpTarget? target)
    {
        KdumpSetting? setting = Array.FindLast(settings, s => s.Value.Length > 0 &&
            s.Name == tools switch
            {
                KdumpTools.Debian => "MAKEDUMP_ARGS",
                KdumpTools.Suse => "MAKEDUMPFILE_OPTIONS",
                _ => "core_collector",
            });
        if (setting is null)
            yield break;
        // kdump-config adds -F itself, and its default has it; SUSE's script adds what the target needs.
        string command = tools == KdumpTools.RedHat ? setting.Value : "makedumpfile " + setting.Value;
        TargetKind? kind = tools != KdumpTools.RedHat ? null : target?.Kind ?? TargetKind.Root;
        foreach (string problem in CoreCollector.Problems(command, kind))
            yield return new(setting.Source, problem);
        if (tools == KdumpTools.RedHat && root.IsWhole && Words(setting.Value) is [var program, ..] &&
            !(program.StartsWith('/') ? root.Exists(program) : Has(root, program)))
            yield return new(setting.Source, $"core_collector names {program}, which the machine does not have") { Missing = program };
    }

    private static KdumpConfProblem Refused(KdumpSetting setting, string problem, string correction) =>
        new(setting.Source, problem) { Effect = ConfEffect.Refused, Correction = correction };

    private static bool Has(MachineTree root, string program) =>
        new[] { "/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/", "/usr/local/sbin/", "/usr/local/bin/" }.Any(f => root.Exists(f + program));

    private static bool HasKernels(MachineTree root) => root.List("/boot").Any(n => n.StartsWith("vmlinu", StringComparison.Ordinal)) ||
        root.List("/usr/lib/modules").Any(r => root.Knows($"/usr/lib/modules/{r}/vmlinuz"));

    /// <summary>A kernel of that release is installed: where kdump-utils, kdump-config and SUSE's mkdumprd look.</summary>
    public static bool HasKernel(MachineTree root, string release) => KernelFile.Places(root, release).Any(root.Knows);

    /// <summary>
    /// Programs of the machine that kdump-config sends a dump with, out of the machine's own root: mount.nfs, ssh, busybox's ftpput.
    /// </summary>
    private static IEnumerable<KdumpConfProblem> Senders(MachineTree root, Facts own)
    {
        foreach (DumpTarget target in own.Of<DumpTarget>().Where(_ => root.IsWhole))
        {
            (string Program, string Package) needed = target.Kind switch
            {
                TargetKind.Nfs => ("mount.nfs", "nfs-common"), TargetKind.Ssh => ("ssh", "openssh-client"), _ => ("busybox", "busybox"),
            };
            if (!Has(root, needed.Program))
                yield return new(target.Source, $"the dump is sent by {needed.Program}, which the machine does not have")
                { Effect = ConfEffect.Fails, Correction = "Install it", Command = $"apt-get install {needed.Package}" };
        }
    }

    private static string Folder(string path) => path[..Math.Max(1, path.LastIndexOf('/'))];

    private static string[] Words(string value) => value.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
}
