using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Images;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Text;
using Kdump.Formats.Archives;

namespace Kdump.Sources.Images;

/// <summary>The dump configuration in an image: where the dump goes, which programs run, and whether these are in the image.</summary>
public static class ImageConf
{
    private static readonly string[] HookFolders = ["/etc/kdump/pre.d", "/etc/kdump/post.d", "/etc/kdump/emergency.d"];

    public static ImageBuilder BuilderOf(ImageView view)
    {
        if (view.Find("/usr/lib/dracut/modules.txt") is not null || view.Find("/lib/dracut/modules.txt") is not null ||
            view.Find("/usr/lib/dracut/hooks") is not null || view.Find("/lib/dracut/hooks") is not null ||
            view.Find("/var/lib/dracut/hooks") is not null)
            return ImageBuilder.Dracut;
        if (view.Find("/scripts/functions") is not null && view.Find("/conf/arch.conf") is not null)
            return ImageBuilder.InitramfsTools;
        return ImageBuilder.Unknown;
    }

    /// <summary>Made for a crash kernel, by what kdump-utils, openSUSE's kdump and kdump-tools put into it.</summary>
    public static bool IsKdump(ImageView view) =>
        view.Find("/etc/kdump.conf") is not null || view.Find("/usr/bin/kdump.sh") is not null || view.Find("/bin/kdump.sh") is not null ||
            view.Find("/usr/lib/kdump/kdump-save") is not null ||
        view.Find("/kdump") is not null || IsSuse(view) || Path.GetFileName(view.Name) is var name &&
            name.StartsWith("initrd-", StringComparison.Ordinal) && name.EndsWith("-kdump", StringComparison.Ordinal) ||
            (view.Text("/conf/conf.d/zzz-kdump") ?? "").Contains("KDUMP", StringComparison.Ordinal);

    /// <summary>
    /// openSUSE's kdump: its programs, and its settings, since 1.9 in /etc/kdump.conf of the image as shell assignments, before that in
    /// /etc/sysconfig/kdump (RHEL's file of that name stays outside).
    /// </summary>
    public static bool IsSuse(ImageView view) =>
        view.Find("/kdump/kdump-save") is not null || view.Find("/usr/lib/kdump/kdump-save") is not null ||
            view.Find("/usr/lib/kdump/setup-kdump.functions") is not null || SuseSettings(view) is not null;

    private static string? SuseSettings(ImageView view) => Array.Find(["/etc/kdump.conf", "/etc/sysconfig/kdump"],
        p => (view.Text(p) ?? "").Contains("KDUMP_SAVEDIR=", StringComparison.Ordinal));

    /// <summary>The tools that built the image, judged by its content.</summary>
    public static KdumpTools ToolsOf(ImageView view)
    {
        if (IsSuse(view))
            return KdumpTools.Suse;
        if (view.Find("/etc/kdump.conf") is not null || view.Program("kdump.sh") is not null)
            return KdumpTools.RedHat;
        return BuilderOf(view) == ImageBuilder.InitramfsTools ? KdumpTools.Debian : KdumpTools.None;
    }

    /// <summary>
    /// The program that saves /proc/vmcore: kdump-utils' kdump.sh, openSUSE's kdump-save, its older kdumptool; else a unit or hook
    /// that names /proc/vmcore or makedumpfile. Null: none.
    /// </summary>
    public static string? Saver(ImageView view)
    {
        foreach (string path in DumpSavers.Known)
        {
            if (view.Find(path) is not null)
                return path;
        }
        foreach (string name in new[] { "kdump.sh", "kdump-save", "kdumptool", "kdump-capture" })
        {
            if (view.Program(name) is { } node)
                return node.Path;
        }
        foreach (string folder in new[] { "/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system", "/usr/lib/dracut/hooks",
            "/lib/dracut/hooks", "/var/lib/dracut/hooks", "/scripts", "/usr/bin", "/usr/sbin", "/bin", "/sbin" })
        {
            // A script names it; binary programs are not searched.
            foreach (ImageNode node in view.Find(folder)?.All().Where(n => n.IsFile && n.Content.Length is > 0 and < 256 << 10 &&
                n.Kind != ContentKind.Elf) ?? [])
            {
                if (DumpSavers.IsSaver(view.Text(node.Path) ?? ""))
                    return node.Path;
            }
        }
        return null;
    }

    /// <summary>Collects the dump targets from every place in the image that names one.</summary>
    public static void Targets(ImageView view, Facts facts)
    {
        if (!IsSuse(view))
            view.Parse("/etc/kdump.conf", new KdumpConf(), facts);
        else if (SuseSettings(view) is { } settings)
            view.Parse(settings, new SuseKdumpConf(), facts);
        view.Parse("/etc/fstab", new Fstab(FstabScope.Image), facts);
        foreach (string path in new[] { "/usr/lib/dracut/build-parameter.txt", "/lib/dracut/build-parameter.txt" })
        {
            if (view.Text(path) is not { } text)
                continue;
            var reader = new LineReader(view.Shown(path), new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text)));
            while (reader.Next(out TextLine line))
                DracutParameters.BuildArguments(line, facts);
            break;
        }
        foreach (string folder in new[] { "/usr/lib/dracut/hooks/initqueue/finished", "/lib/dracut/hooks/initqueue/finished",
            "/var/lib/dracut/hooks/initqueue/finished" })
        {
            foreach (ImageNode node in view.Find(folder)?.Children.Where(c => c.Name.StartsWith("devexists-", StringComparison.Ordinal))
                ?? [])
            {
                var reader = new LineReader(view.Shown(node.Path),
                    new MemoryStream(System.Text.Encoding.UTF8.GetBytes(view.Text(node.Path) ?? "")));
                while (reader.Next(out TextLine line))
                    DracutParameters.DeviceExists(line, facts);
            }
        }
    }

    /// <summary>Programs on the way to the dump: init, hooks, and what kdump.conf names.</summary>
    public static HashSet<string> Vital(ImageView view, Facts facts)
    {
        var vital = new HashSet<string>(StringComparer.Ordinal) { "/init", "/sbin/init", "/usr/sbin/init", "/usr/lib/systemd/systemd",
            "/lib/systemd/systemd" };
        foreach (KdumpSetting setting in facts.Of<KdumpSetting>())
        {
            foreach (string word in ProgramsOf(setting))
                vital.Add(view.Program(word)?.Path ?? word);
        }
        foreach (string folder in HookFolders)
        {
            foreach (ImageNode node in view.Find(folder)?.Children ?? [])
                vital.Add(node.Path);
        }
        foreach (string name in new[] { "kdump.sh", "makedumpfile", "vmcore-dmesg", "kdump-probe", "dracut-initqueue", "dracut-mount",
            "dracut-pre-mount", "udevadm", "modprobe", "mount", "kexec" })
        {
            if (view.Program(name) is { } node)
                vital.Add(node.Path);
        }
        if (view.Find("/scripts") is { } scripts)
        {
            foreach (ImageNode node in scripts.All()
                .Where(n => n.IsFile && n.Parent!.Name.StartsWith("init-", StringComparison.Ordinal) ||
                n.Parent?.Name is "local-top" or "local-premount" or "local-block" or "panic"))
                vital.Add(node.Path);
        }
        return vital;
    }

    public static void Judge(ImageView view, Facts facts)
    {
        DumpTarget? target = facts.Of<DumpTarget>().FirstOrDefault(t => t.Kind is not (TargetKind.Wait or TargetKind.Root));
        foreach (KdumpSetting setting in facts.Of<KdumpSetting>())
        {
            if (setting.Name == "core_collector")
            {
                foreach (string problem in CoreCollector.Problems(setting.Value, target?.Kind))
                    facts.Add(new CollectorProblem(setting.Source, problem));
            }
            foreach (string word in ProgramsOf(setting))
            {
                ImageNode? node = view.Program(word);
                if (node is null)
                    facts.Add(new ConfiguredProgramMissing(setting.Source, setting.Name, word));
                else if (node.IsFile && !node.IsExecutable)
                    facts.Add(new HookNotExecutable(view.Quote(node, Mode(node)), node.Path, setting.Name));
            }
        }
        if (!IsSuse(view) && view.Find("/etc/kdump.conf") is { } conf && !facts.Of<KdumpSetting>().Any(s => s.Name == "core_collector") &&
            view.Program("makedumpfile") is null)
            facts.Add(new ConfiguredProgramMissing(view.Quote(conf, "core_collector is not given: makedumpfile is used"), "core_collector",
                "makedumpfile"));
        if (IsSuse(view) && view.Program("makedumpfile") is null && view.Find(SuseSettings(view) ?? "/kdump/kdump-save") is { } suse &&
            facts.Of<KdumpSetting>().LastOrDefault(s => s.Name == "KDUMP_DUMPFORMAT")?.Value != "none")
            facts.Add(new ConfiguredProgramMissing(view.Quote(suse, "KDUMP_DUMPFORMAT is not none: makedumpfile is used"),
                "KDUMP_DUMPFORMAT", "makedumpfile"));
        foreach (string folder in HookFolders)
        {
            foreach (ImageNode node in view.Find(folder)?.Children.Where(c => c.IsFile && !c.IsExecutable) ?? [])
                facts.Add(new HookNotExecutable(view.Quote(node, Mode(node)), node.Path, "kdump.sh"));
        }
        foreach (string folder in new[] { "/scripts/init-top", "/scripts/init-premount", "/scripts/local-top", "/scripts/local-premount",
            "/scripts/local-block", "/scripts/init-bottom" })
        {
            foreach (ImageNode node in view.Find(folder)?.Children.Where(c => c.IsFile && !c.IsExecutable && c.Name != "ORDER") ?? [])
                facts.Add(new HookNotExecutable(view.Quote(node, Mode(node)), node.Path, "init of initramfs-tools"));
        }
        // Programs that the tools' scripts call for a target over the network.
        bool tools = view.Find("/etc/kdump.conf") is not null || IsSuse(view);
        foreach (DumpTarget t in facts.Of<DumpTarget>().DistinctBy(t => (t.Kind, t.FileSystem)).ToArray())
        {
            foreach ((string program, string what) in Senders(t).Where(s => tools && view.Program(s.Program) is null))
                facts.Add(new ConfiguredProgramMissing(t.Source, what, program));
            if (t.Kind == TargetKind.Ssh && tools)
                Login(view, t, facts);
        }
    }

    /// <summary>SUSE's kdump-save sends over sftp and ftp by lftp; its module takes scp:// for sftp.</summary>
    private static IEnumerable<(string Program, string What)> Senders(DumpTarget target)
    {
        bool sftp = target.Source.Text.Contains("sftp://", StringComparison.OrdinalIgnoreCase) ||
            target.Source.Text.Contains("scp://", StringComparison.OrdinalIgnoreCase);
        if (target.Kind == TargetKind.Ssh)
            yield return ("ssh", "ssh");
        if ((target.Kind == TargetKind.Ssh && sftp) || target is { Kind: TargetKind.Other, FileSystem: "ftp" })
            yield return ("lftp", "KDUMP_SAVEDIR");
        if (target.Kind == TargetKind.Nfs)
            yield return ("mount.nfs", "nfs");
        if (target is { Kind: TargetKind.Other, FileSystem: "cifs" or "smb" })
            yield return ("mount.cifs", "cifs");
    }

    /// <summary>
    /// What ssh needs in the image: kdump.sh asks for a known host and takes no password (BatchMode, StrictHostKeyChecking=yes); SUSE's
    /// module writes a configuration of its own, with the keys beside it. Authority: dracut's module ssh-client, openSUSE/kdump
    /// kdump_init_ssh.
    /// </summary>
    private static void Login(ImageView view, DumpTarget target, Facts facts)
    {
        bool suse = IsSuse(view);
        string named = facts.Of<KdumpSetting>().LastOrDefault(s => s.Name == "sshkey" && s.Value.StartsWith('/'))?.Value ??
            "/root/.ssh/kdump_id_rsa";
        string[] own = [.. view.Find("/root/.ssh")?.Children.Select(c => c.Name) ?? []];
        // user:password@host: the password is in the URL.
        bool password = target.Source.Text.Split("://").Last().Split('@') is [var user, _, ..] && suse && user.Contains(':');
        if (suse ? !password && !own.Any(n => n is not ("config" or "known_hosts") && !n.EndsWith(".pub", StringComparison.Ordinal))
            : view.Find(named) is null && !own.Any(n => n.StartsWith("id_", StringComparison.Ordinal)))
            Missing($"no ssh key is in the image{(suse ? "" : $" ({named})")}: the crash kernel cannot log in");
        if (new[] { "/root/.ssh/known_hosts", "/etc/ssh/ssh_known_hosts" }.All(p => view.Find(p) is null) &&
            !(view.Text("/root/.ssh/config") ?? "").Contains("StrictHostKeyChecking no", StringComparison.Ordinal))
            Missing("no known_hosts is in the image: ssh takes no server that it does not know, and nobody can confirm one");

        void Missing(string problem) => facts.Add(new KdumpConfProblem(target.Source, problem)
        {
            Effect = ConfEffect.Fails, Correction = suse ? "Log in once as root from here, with a key (ssh-keygen, ssh-copy-id)"
                : "Make the key and the server known (kdumpctl propagate)",
        });
    }

    /// <summary>Reports modules in extra_modules that the image does not hold.</summary>
    public static void Modules(ImageModules modules, Facts facts)
    {
        foreach (KdumpSetting setting in facts.Of<KdumpSetting>().Where(s => s.Name == "extra_modules").ToArray())
        {
            foreach (string name in setting.Value.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries).Where(n => !modules.Has(n)))
                facts.Add(new ConfiguredModuleMissing(setting.Source, name));
        }
    }

    /// <summary>Parameters of the crash kernel for a module (<c>module.parameter</c>) that the module does not have.</summary>
    public static void ModuleParameters(ImageModules modules, Facts facts)
    {
        foreach (CaptureParameter p in facts.Of<CaptureParameter>())
        {
            int dot = p.Name.IndexOf('.');
            if (dot <= 0 || !modules.All.TryGetValue(ImageModules.Normal(p.Name[..dot]), out ImageModule? module) ||
                modules.IsBuiltin(p.Name[..dot]))
                continue;
            string[] names = module.Elf.Info("parm").Concat(module.Elf.Info("parmtype")).Select(i => i.Split(':')[0]).Distinct()
                .Order(StringComparer.Ordinal).ToArray();
            string name = ImageModules.Normal(p.Name[(dot + 1)..]);
            // Parameters that every module has: kernel/module/main.c unknown_module_param_cb and dynamic debug.
            if (name is not ("dyndbg" or "async_probe") && !names.Select(ImageModules.Normal).Contains(name))
                facts.Add(new ParameterNotOfModule(p.Source, p.Value is null ? p.Name : $"{p.Name}={p.Value}", p.Name[..dot], names));
        }
    }

    /// <summary>Checks /init of what the kernel starts, and of the root that takes over.</summary>
    public static void Init(ImageView view, Facts facts)
    {
        ImageNode? named = view.Layer.Find("/init", followLast: false), init = view.Find("/init");
        if (named is null)
            facts.Add(new ImageInitBroken(new Source(view.Shown("/"), "no /init"), "the image has no /init"));
        else if (init is null)
            facts.Add(new ImageInitBroken(view.Quote(named, $"/init -> {named.Target}"),
                $"/init leads to {view.Layer.BreaksAt("/init")}, which is not there"));
        else if (!init.IsFile || !init.IsExecutable)
            facts.Add(new ImageInitBroken(view.Quote(init, Mode(init)), "/init is not executable"));
        else
            InitScript.Judge(view, init, facts);
    }

    /// <summary>Words of a setting that are programs run in the crash kernel.</summary>
    private static IEnumerable<string> ProgramsOf(KdumpSetting setting) => setting.Name switch
    {
        "extra_bins" or "KDUMP_REQUIRED_PROGRAMS" => setting.Value.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries),
        "kdump_pre" or "kdump_post" or "kdump_emergency" or "core_collector" or "KDUMP_PRESCRIPT" or "KDUMP_POSTSCRIPT" or
            "KDUMP_TRANSFER" => setting.Value.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries).Take(1),
        _ => [],
    };

    private static string Mode(ImageNode node) => $"{FileType.ModeText(node.Mode)} {node.Path}";
}
