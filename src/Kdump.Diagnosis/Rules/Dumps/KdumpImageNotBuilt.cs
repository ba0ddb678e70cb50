using Kdump.Diagnosis.Catalogue.Tools;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Speakers;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>The image for the crash kernel could not be built; names what was missing if the builder reports it.</summary>
public sealed class KdumpImageNotBuilt : Rule
{
    /// <summary>Modules of dracut → what they need.</summary>
    private static readonly (string Module, string Needs, string Command)[] Needs =
    [
        ("squash", "it packs the image with squashfs: mksquashfs must be installed, and the kernel needs squashfs, loop and overlay " +
            "(CONFIG_SQUASHFS, CONFIG_BLK_DEV_LOOP, CONFIG_OVERLAY_FS), built in or as modules of that kernel",
            "command -v mksquashfs; " +
            "modinfo -k $(uname -r) squashfs loop overlay; grep -E 'SQUASHFS=|DEV_LOOP=|OVERLAY_FS=' /boot/config-$(uname -r)"),
        ("erofs", "it packs the image with erofs: mkfs.erofs must be installed, and the kernel needs erofs, loop and overlay",
            "command -v mkfs.erofs; modinfo -k $(uname -r) erofs loop overlay"),
        ("nfs", "it needs the programs of nfs-utils (mount.nfs, rpcbind) and the kernel's nfs modules",
            "command -v mount.nfs; modinfo -k $(uname -r) nfs"),
        ("ssh-client", "it needs ssh and scp", "command -v ssh scp"),
        ("iscsi", "it needs iscsiadm and the module iscsi_tcp", "command -v iscsiadm iscsistart; modinfo -k $(uname -r) iscsi_tcp"),
        ("fcoe", "it needs the programs of fcoe-utils and lldpad", "command -v dcbtool fipvlan lldpad"),
        ("multipath", "it needs multipath and multipathd", "command -v multipath multipathd"),
        ("dmsquash-live", "it starts a live image: it needs dracut's modules dm, rootfs-block and img-lib, and these dmsetup, losetup, " +
            "tar, gzip and dd; some distributions have it in a package of its own (dracut-live)",
            "command -v dmsetup losetup tar gzip dd; ls -d /usr/lib/dracut/modules.d/*{dmsquash-live,img-lib,rootfs-block}"),
        ("lvm", "it needs the lvm program", "command -v lvm"),
        ("crypt", "it needs cryptsetup", "command -v cryptsetup"),
        ("dm", "it needs dmsetup", "command -v dmsetup"),
        ("mdraid", "it needs mdadm", "command -v mdadm"),
        ("znet", "it needs the programs of s390-tools", "command -v znet_cio_free lsznet"),
        ("network", "it needs NetworkManager, systemd-networkd or the legacy scripts with dhclient",
            "command -v NetworkManager dhclient; dracut --list-modules | grep network"),
        ("kdumpbase", "it is part of kdump-utils, whose dracut module was not found", "ls -d /usr/lib/dracut/modules.d/*kdump*"),
        ("memstrack", "it needs memstrack; without it only the memory accounting is missing", "command -v memstrack"),
        ("kernel-modules-extra",
            "it copies the modules in extra, updates and weak-updates, and modules.dep names a file that does not exist: " +
            "a dangling link, or a module that was removed without running depmod",
            "depmod -a $(uname -r); find /lib/modules/$(uname -r) -xtype l"),
        ("kernel-modules", "it copies the kernel's modules: " +
            "the modules of that kernel are missing, or modules.dep names one that is missing",
            "ls /lib/modules; depmod -a $(uname -r)"),
        ("systemd", "it takes systemd into the image: systemctl, " +
            "systemd and its units must lie where this dracut looks for them, which after an update of systemd may need a newer dracut",
            "dracut --version; systemctl --version | head -1; ls /usr/lib/systemd/systemd /usr/lib/systemd/system-generators; " +
            "dracut -f --debug /tmp/test.img 2>&1 | grep -i 'systemd' | tail -20"),
        ("watchdog-modules", "it needs the kernel's watchdog modules", "wdctl"),
    ];

    public override string Id => "kdump-image-not-built";

    public override Entry Entry => new("kdump-image-not-built", "the image for the crash kernel could not be built")
    {
        Area = Area.Preparing,
        Signature =
        [
            "mkdumprd: failed to make kdump initrd",
            "dracut[E]: Module '…' cannot be installed.",
            "dracut-install: ERROR: installing …",
            "… does not have write permission. Cannot rebuild …",
            "update-initramfs: failed for /var/lib/kdump/initrd.img-… with …",
        ],
        Cause = "dracut, initramfs-tools or mkdumprd failed; " +
            "the lines before say what was missing. Until the build succeeds, an older image is loaded, or none.",
        Fixes = [new("Check the build", "kdumpctl rebuild   # Debian: update-initramfs -u -v; SUSE: mkdumprd -f")],
        Origin = "kdump-utils kdumpctl rebuild_initrd(), commit 6936fbc; dracut-init.sh, dracut-install.c; initramfs-tools; openSUSE kdump",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        ToolSaid[] said = facts.Of<ToolSaid>().Where(s => (s.Message.Stage == ToolStage.Building ||
            (s.Message.Stage == ToolStage.Initramfs && s.Message.Means.Length > 0)) && s.Boot?.Capture != true).ToArray();
        // The same programs build the normal initramfs: the lines must be about the kdump image.
        // dracut omits many modules and continues; a module is the reason only if the build failed.
        if (!Stopped(facts))
            yield break;
        // What dracut-install names without a path is a kernel module where a module's installkernel failed by it.
        ToolSaid? reason = said.FirstOrDefault(s => s.Message.Means.Length > 0) ??
            (said.Any(s => s.Message.Mark == BuildMessages.Install && !s.Taken[0].Contains('/'))
                ? said.FirstOrDefault(s => s.Message.Mark == BuildMessages.Kernel) : null) ??
            said.FirstOrDefault(s => s.Message.Mark is BuildMessages.Path or BuildMessages.Install) ??
            said.FirstOrDefault(s => s.Message.Mark == BuildMessages.Kernel) ??
            said.FirstOrDefault(s => s.Message.Mark == BuildMessages.Module && !s.Taken[0]
                .StartsWith("memstrack", StringComparison.Ordinal));
        DumpService service = DumpServices.Of(facts);
        (string title, string why, Fix[] fixes) = Explain(reason, said, service);
        IReadOnlyList<Source> words = reason is null ? WordsBefore.Of(facts, said.Select(s => s.Source)) : [];
        if (reason is null && facts.Of<ToolSaid>().Any(s => s.Message.Stage == ToolStage.Checking))
            why = "The builder stopped.";
        if (words.Count > 0)
            why = $"The builder stopped.{WordsBefore.Tell(words)}";
        yield return new Finding(Id, title, Severity.Error, reason is null ? 0.85 : 0.95,
            $"{why} Until the build succeeds an older image is loaded, or none.")
        {
            Explains = ["no-capture-kernel", "image-stale", "kdump-service-failed"],
            CausedBy = ["root-device-not-resolved", "extra-module-not-found"],
            Evidence = [.. words.Concat(said.OrderByDescending(s => s.Message == reason?.Message).Select(s => s.Source).Take(4))
                .DistinctBy(s => (s.Input, s.Line))],
            Fixes = fixes,
        };
    }

    /// <summary>True if a line shows that the image for the crash kernel was not built.</summary>
    internal static bool Stopped(Facts facts) => facts.Of<ToolSaid>().Any(s => s.Boot?.Capture != true &&
        ((s.Message.Stage == ToolStage.Building && (s.Message.Mark is BuildMessages.Consequence or BuildMessages.Path or
            BuildMessages.Own || (s.Message.Mark == BuildMessages.Install && OfKdump(s, facts)))) ||
        (s.Message.Stage is ToolStage.Building or ToolStage.Initramfs && s.Message.Means.Length > 0 &&
            s.Source.Text.Contains("kdump", StringComparison.Ordinal))));

    /// <summary>
    /// dracut-install works for every image. It was the crash kernel's where a line of kdump's own programs stands in the same input, and
    /// where several names are one: only extra_bins of /etc/kdump.conf hands them over so.
    /// </summary>
    private static bool OfKdump(ToolSaid said, Facts facts) => said.Taken[0].Trim(' ', '\'').Contains(' ') ||
        said.Source.Text.Contains("kdump", StringComparison.Ordinal) ||
        facts.Of<ToolSaid>().Any(s => s.Source.Input == said.Source.Input && s.Source.Text.Contains("kdump", StringComparison.Ordinal)) ||
        facts.Of<GaveUp>().Any(g => g.Source.Input == said.Source.Input && g.Source.Text.Contains("kdump", StringComparison.Ordinal));

    /// <summary>What a module of dracut needs, and how to look; null: not known.</summary>
    internal static (string? Needs, string? Command) NeedsOf(string module)
    {
        (_, string? needs, string? command) = Needs.FirstOrDefault(n => module.StartsWith(n.Module, StringComparison.Ordinal));
        return (needs, command);
    }

    private static (string Title, string Why, Fix[] Fixes) Explain(ToolSaid? reason, ToolSaid[] said, DumpService service)
    {
        const string title = "the image for the crash kernel could not be built";
        switch (reason?.Message.Mark)
        {
            case BuildMessages.Path:
                string path = PathOf(reason.Source.Plain);
                bool ostree = path.Contains("/ostree/", StringComparison.Ordinal) || path.Contains("(hd", StringComparison.Ordinal);
                string why;
                if (path.Contains("(hd", StringComparison.Ordinal))
                    why = $"{path} does not exist: " +
                        "kdumpctl appended BOOT_IMAGE= of the command line, which begins with the boot loader's name of the disk, " +
                        "to /boot. This version does not support image-based systems (ostree).";
                else if (ostree)
                    why = $"{path} is read-only on an image-based system (ostree).";
                else
                    why = $"{path} cannot be written: it is read-only, not mounted, or does not exist.";
                return ($"the image for the crash kernel could not be written to {path}", why,
                    ostree
                        ? [new Fix("Update kexec-tools or kdump-utils: newer versions build the image in /var/lib/kdump on such systems",
                            "rpm-ostree upgrade"),
                            new Fix("Or set the place: KDUMP_BOOTDIR=\"/var/lib/kdump\" in /etc/sysconfig/kdump", "kdumpctl restart")]
                        : [new Fix("Make that place writable, or set another one (KDUMP_BOOTDIR in /etc/sysconfig/kdump)",
                            $"findmnt -T {ShellWord.Quoted(path)}; ls -ld {ShellWord.Quoted(path)}")]);
            case BuildMessages.Install:
                string what = reason.Taken[0].Trim(' ', '\'');
                if (!what.Contains('/') && said.Any(s => s.Source.Text.Contains(" -N ", StringComparison.Ordinal) ||
                    s.Source.Text.Contains(" --kerneldir ", StringComparison.Ordinal)))
                {
                    return ($"{title}: the kernel has no module {what}",
                        $"dracut-install asked for the kernel module {what} and did not find it: " +
                        "it is built in, was left out of this kernel's configuration, or depmod has not run.",
                        [new Fix("Is it a module of this kernel, or built in?",
                            $"modinfo -k $(uname -r) {ShellWord.Quoted(what)}; depmod -a; " +
                            "grep -i . /lib/modules/$(uname -r)/modules.builtin | head -3")]);
                }
                bool several = what.Contains(' ') && !what.Contains("--", StringComparison.Ordinal);
                return ($"{title}: dracut-install could not install {what}", several
                    ? "dracut treated the whole text as the name of one file."
                        : "That file, or a library it needs, is missing or cannot be read.",
                    several
                        ? [new Fix("Names in extra_bins are separated by blanks and must not be quoted together",
                            "grep -n extra_bins /etc/kdump.conf")]
                        : [new Fix("Check whether it exists and what it needs", 
                            $"ls -l {ShellWord.Quoted(what)}; ldd {ShellWord.Quoted(what)}")]);
            case BuildMessages.Module or BuildMessages.Kernel:
                string module = reason.Taken[0];
                string? kernel = reason.Message.Mark == BuildMessages.Kernel
                    ? said.FirstOrDefault(s => s.Message.Mark == BuildMessages.Install)?.Taken[0].Trim(' ', '\'') : null;
                (string? needs, string? command) = NeedsOf(module);
                return ($"{title}: dracut's module {module} could not be installed",
                    needs is null ? "Something that it requires is missing; the module's check reports it in the build's output."
                        : $"{char.ToUpperInvariant(needs[0])}{needs[1..]}." + (kernel is null ? "" : $" Missing was {kernel}."),
                    needs switch
                    {
                        null => [new Fix("Check what that module requires",
                            $"dracut -f --add {ShellWord.Quoted(module)} --debug /tmp/test.img 2>&1 | grep -i {ShellWord.Quoted(module)}")],
                        _ when module.StartsWith("squash", StringComparison.Ordinal) => [new Fix("Install what is missing", command),
                            new Fix("Or build without it: dracut_args --omit \"squash\" in /etc/kdump.conf " +
                            "(the image becomes larger and needs a larger reservation)", "kdumpctl rebuild && kdumpctl restart")],
                        _ => [new Fix("Install what is missing", command)],
                    });
            case null:
                return (title, "The builder stopped; no line gives the reason.",
                    [new Fix("Build it by hand and read the messages", service switch
                    {
                        DumpService.KdumpTools => "bash -x /etc/kernel/postinst.d/kdump-tools $(uname -r) 2>&1 | tail -40",
                        DumpService.Suse => "mkdumprd -f -d 2>&1 | tail -40",
                        _ => "kdumpctl rebuild; journalctl -b -u kdump | grep -iE 'dracut|mkdumprd'",
                    })]);
            default:
                return (title, reason.Means, [.. DumpServices.Fitting(reason, service)]);
        }
    }

    /// <summary>The word before the message, without the journal's prefix.</summary>
    private static string PathOf(string line)
    {
        int at = line.IndexOf(" does not have write permission", StringComparison.Ordinal);
        string before = at < 0 ? line : line[..at];
        return before[(before.LastIndexOf(' ') + 1)..];
    }
}
