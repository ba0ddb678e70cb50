using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>The first program could not be started; init/main.c prints the error.</summary>
public sealed class InitNotStarted : Rule
{
    public override string Id => "init-not-started";

    public override Entry Entry => new("init-not-started", "the first program could not be started")
    {
        Area = Area.Crashing,
        Signature =
        [
            "Failed to execute /init (error -…)",
            "Starting init: … exists but couldn't execute it (error -…)",
            "run-init: /sbin/init: No such file or directory",
        ],
        Cause = "The error code says why: " +
            "-2 the program, its interpreter or its loader is missing; -8 it is for another architecture or not an program; " +
            "-13 no permission to execute it (file mode, noexec, security module); -7 its arguments are too long; -12 no memory.",
        Fixes = [new("Check the program from a rescue system", "file /mnt/sbin/init; ls -l /mnt/sbin/init")],
        Origin = "init/main.c run_init_process; klibc run-init",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (IGrouping<Boot?, RootSign> life in facts.Of<RootSign>().Where(s => s.Boot?.Capture != true).GroupBy(s => s.Boot))
        {
            RootSign[] refused = [.. life.Where(s => s.Step == RootStep.InitRefused)];
            if (refused.Length > 0)
                yield return Refused(refused, life.Any(s => s.Step == RootStep.NoInit));
            // If the root on NFS was not mounted, a missing file on it means nothing.
            else if (life.FirstOrDefault(s => s.Step == RootStep.InitMissing) is { } missing && !life.Any(s => s.Step ==
                RootStep.InitramfsGaveUp && s.Source.Text.Contains("mount.nfs", StringComparison.Ordinal)))
                yield return Missing(missing);
        }
    }

    private Finding Refused(RootSign[] refused, bool last)
    {
        RootSign first = refused[0];
        string init = PlainWord.Is(first.About) ? first.About : "INIT";
        (string what, Fix fix) = first.Errno switch
        {
            2 => ("the program, the interpreter it names (#!), or the loader of its libraries is missing",
                new Fix("Check whether the program and its loader are in the image (a partly unpacked initramfs lacks files)",
                    $"kdt image check IMAGE; readelf -l {init} | grep interpreter")),
            8 => ("this kernel cannot run it: it is for another architecture, damaged, or a script without #!",
                new Fix("Compare it with the kernel's architecture", $"file {init}; uname -m")),
            13 => ("permission denied (EACCES): mode of the file or of a directory above it, a file system mounted without exec, " +
                "or a security module", new Fix("Check its permissions and those of its interpreter", $"ls -lL {init}; namei -l {init}")),
            7 => ("its arguments are too long (E2BIG, argument list): command line and environment do not fit on the new stack",
                new Fix("Shorten the kernel's command line; " +
                "if it is short, this is a bug of this kernel (stack limit at exec): try another version")),
            12 => ("no memory was left", new Fix("Give the machine more memory, or a smaller initramfs")),
            5 => ("it could not be read (EIO)", new Fix("Read the kernel's messages about the disk before this line", "dmesg | tail -50")),
            _ => ("the error code gives the reason", new Fix("Check the program from a rescue system", $"file {init}; ls -lL {init}")),
        };
        return new Finding(Id, $"the kernel could not execute {first.About}: -{first.Errno} ({Errno.Name(first.Errno)})", Severity.Critical,
            last || first.About == "/init" ? 0.95 : 0.85, $"-{first.Errno} means here: {what}." +
                (refused.Length > 1 ? " " +
                    $"The same error occurred for {string.Join(", ", refused.Skip(1).Select(r => r.About).Distinct().Take(4))}." : ""))
        {
            Fixes = [fix],
            Evidence = [.. refused.Select(r => r.Source).Take(5)],
            CausedBy = ["initramfs-unpack-failed", "initramfs-lost", "filesystem-damaged", "packed-filesystem-unreadable"],
            Explains = ["kernel-panic", "root-not-found"],
        };
    }

    /// <summary>src/core/main.c: it starts init anew after switch_root().</summary>
    private static bool IsOfSystemd(RootSign sign) => sign.Source.Text.Contains("trying fallback", StringComparison.Ordinal) ||
        sign.Source.Text.Contains(", giving up: ", StringComparison.Ordinal);

    private Finding Missing(RootSign sign) =>
        new(Id, $"the root file system has no first program: {(sign.About.Length == 0 ? "no init" : sign.About)} is missing",
            Severity.Critical,
            0.9, IsOfSystemd(sign)
                ? "systemd in the initramfs went over to the root file system and found neither init nor a shell there. " +
                "The switch itself may have failed without a word: where the root lacks the folders /dev, /proc, /sys or /run and is " +
                "read-only, they cannot be mounted there, and systemd then looks in the initramfs. Else it is an empty or wrong root."
                : "The initramfs mounted a root file system and found no init program on it (no such file or directory). It is the " +
                "wrong partition or an empty one, an incomplete restore, or a file system that lost its content.")
        {
            Fixes =
            [
                new("From a rescue system, check whether it is the right partition and what is on it",
                    "blkid; mount /dev/ROOT /mnt; ls -l /mnt /mnt/sbin/init"),
                sign.Source.Text.Contains("Root device mounted successfully", StringComparison.Ordinal)
                    ? new("If it is the right partition, install init again in a chroot (systemd-sysvcompat brings /sbin/init), " +
                        "or name it: init=/usr/lib/systemd/systemd", "arch-chroot /mnt pacman -S systemd systemd-sysvcompat")
                    : new("If it is the right partition, install init again in a chroot",
                        "chroot /mnt apt-get install --reinstall init systemd-sysv   # Fedora, RHEL, SUSE: the package systemd; Arch: " +
                        "systemd-sysvcompat"),
            ],
            Evidence = [sign.Source],
            CausedBy = ["filesystem-damaged"],
            Explains = ["kernel-panic"],
        };
}
