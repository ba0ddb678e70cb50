using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Speakers;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>The initramfs mounted something, or nothing, and could not switch to it.</summary>
internal static class RootSwitch
{
    public static Finding Judge(RootSign sign, Facts facts)
    {
        bool empty = sign.Reason.Contains("os-release", StringComparison.Ordinal) || sign.Reason.Contains("OS tree",
            StringComparison.Ordinal) || sign.Reason.Contains("rootfs layout", StringComparison.Ordinal);
        // systemd's line says only that its unit failed, or by what it was ended.
        bool killed = sign.Source.Text.Contains("Failed with result 'signal'", StringComparison.Ordinal);
        bool untold = sign.Reason.Length == 0 || sign.Reason.Contains("Failed with result", StringComparison.Ordinal);
        bool bare = untold && (sign.Source.Text.Contains("Failed to start ", StringComparison.Ordinal) ||
            sign.Source.Text.Contains("Failed with result", StringComparison.Ordinal));
        TroubleLines? before = empty ? SaidBefore(sign, facts) : null;
        IReadOnlyList<Source> words = bare && !killed ? WordsBefore.Of(facts, sign.Source) : [];
        string title = (empty, killed, bare) switch
        {
            _ when sign.Reason.Contains("init binary", StringComparison.Ordinal) =>
                "the initramfs switched to the root file system, and it has no init",
            (true, _, _) => "the initramfs did not switch to the root file system: what is mounted there holds no system" +
                (sign.Reason.Contains("os-release", StringComparison.Ordinal) ? " (no os-release)" : "") +
                (before is null ? "" : $", after {before.Speaker.Name} had failed"),
            (_, true, _) => "the switch from the initramfs to the root file system was ended by a signal",
            (_, _, true) => "the switch from the initramfs to the root file system failed",
            _ => "the initramfs tried to switch to the root file system, and none was mounted",
        };
        string who = sign.Source.Text.Contains("dracut", StringComparison.Ordinal) ? "dracut" : "systemd";
        string why = (sign.Reason.Length == 0 ? "" : $"{who} says: {sign.Reason.TrimEnd('.')}. ") + (empty, killed, bare) switch
        {
            (true, _, _) => (before is null ? "" : $"Before that {before.Speaker.Name} said: \"{Said(before)}\". ") +
                "The mounted file system is empty, or the wrong one or the wrong subvolume (root=, rootflags=subvol=), " +
                "or nothing is mounted there; or what fills it first (ostree-prepare-root, an overlay, the activation of NixOS) " +
                "did not do its work.",
            (_, true, _) => "systemctl switch-root was killed while it worked: by systemd's own stop of the unit (SIGTERM: a time-out, " +
                "a job that conflicts with it, a reload of units in between), or by a crash (SIGSEGV, SIGABRT). " +
                "The root file system need not be at fault; the lines before tell who stopped it.",
            (_, _, true) when words.Count > 0 => "systemd says only that it failed." + WordsBefore.Tell(words),
            (_, _, true) => "No line here tells why: " +
                "mostly nothing is mounted at /sysroot (or it is the wrong file system or subvolume), " +
                "or there is no init on it (init= on the command line, a generation of NixOS or a deployment that is gone).",
            _ => (sign.Reason.Length == 0 ? "" : "The mounted file system is empty, " +
                "or the wrong file system or subvolume (root=, rootflags=subvol=), or nothing is mounted. ") +
                "switch_root (or run-init) switches from the initramfs to the mounted root file system. " +
                "It found none, or no init on it, so the first program ended, and the kernel then panics.",
        };
        return new(RootNotFound.Name, title, Severity.Critical, 0.85, why)
        {
            Evidence = [.. words, .. before is null ? [sign.Source] : new[] { before.Source, sign.Source }],
            CausedBy = ["initramfs-unpack-failed", "driver-probe-failed", "ostree-root-missing"],
            Explains = ["kernel-panic", "init-not-started"],
            Fixes =
            [
                .. bare || killed ? new[] { new Fix("What its unit said (from its shell, or with rd.systemd.debug_shell=1 on the command " +
                    "line: tty9)", "journalctl -b -u initrd-switch-root.service -u sysroot.mount") } : [],
                new Fix("In a shell of the initramfs (rd.break, break=mount), check whether the root is mounted and what is on it",
                    "cat /proc/mounts /proc/cmdline; blkid; ls /sysroot"),
                new Fix(before is null ? "Fix what should have mounted it: root=, drivers of disk and file system, import of the pool"
                    : $"Mend what {before.Speaker.Name} failed at"),
            ],
        };
    }

    /// <summary>A failure that a program of the initramfs reported shortly before: that program was to fill or mount the root.</summary>
    private static TroubleLines? SaidBefore(RootSign sign, Facts facts)
    {
        const int Near = 16;
        return facts.Of<TroubleLines>().Where(t => t.Boot == sign.Boot && t.Source.Input == sign.Source.Input && t.Speaker is
            { Program: true } && t.Speaker.Name is not ("systemd" or "") && t.Gravity >= Gravity.Plain &&
            t.Source.Line < sign.Source.Line && sign.Source.Line - t.Source.Line <= Near)
            .OrderByDescending(t => t.Gravity).ThenBy(t => t.Source.Line).FirstOrDefault();
    }

    private static string Said(TroubleLines before)
    {
        const int Most = 120;
        ReadOnlySpan<char> said = KernelLine.Parse(before.Source.Plain).Message.Trim();
        if (said.IndexOf("]: ", StringComparison.Ordinal) is > 0 and < 60 and var tag)
            said = said[(tag + 3)..];
        return Printable.Quoted(said, Most);
    }
}
