namespace Kdump.Diagnosis.Catalogue.Tools;

/// <summary>
/// Why the image for the crash kernel could not be built: dracut, dracut-install, mkdumprd, initramfs-tools and SUSE's own.
/// </summary>
internal static class BuildMessages
{
    /// <summary>The message is only printed about the image for the crash kernel.</summary>
    public const string Own = "own";

    public const string Consequence = "consequence", Module = "module", Path = "path", Install = "install", Kernel = "kernel";

    /// <summary>A module of dracut is left out because another, which it needs, cannot be installed.</summary>
    public const string Depends = "depends";

    private static readonly ToolFix Space =
        new("Make room: remove old kernels and their images", "df -h /boot /var /tmp /var/tmp; ls -lS /boot");

    public static readonly ToolMessage[] All =
    [
        Of("kdump.img': No space left on device", "There was no room to write the image.", Space),
        Of("dracut*Creation of {e} failed: {t}", "dracut could not write {1}: {2}.",
            new ToolFix("See whether that place is there, has room and can be written", "df -h /boot; findmnt /boot")),
        Of("dracut*No permission to write to {t}", "dracut may not write to {1}.",
            new ToolFix("See how it is mounted, and who may write there", "findmnt -T {1}; ls -ldZ {1}")),
        Of("dracut*Can't write to /boot/{w}: Directory {e} does not exist{t}",
            "dracut wants to write the image into /boot/{1}, a folder that does not exist. It takes /boot/MACHINE-ID/KERNEL (the layout " +
            "of the boot loader specification) wherever /boot/MACHINE-ID or /boot/loader/entries is there, also where the distribution " +
            "keeps its images in /boot itself.",
            new ToolFix("Name the image that the boot loader's entry names, or make the folder",
                "ls -l /boot /boot/loader/entries; grep -h initrd /boot/loader/entries/*.conf; dracut -f /boot/initramfs-$(uname -r).img")),
        Of("dracut*Can't write to {e}: {t}", "dracut could not write to {1}: {2}.",
            new ToolFix("See whether that place is there, has room and can be written", "findmnt -T {1}; df -h {1}")),
        Of("/boot* does not have write permission. Can", "") with { Mark = Path },
        Of(" does not have write permission. Can", "") with { Mark = Path },
        Of("/boot not writable, not regenerating initrds",
            "/boot cannot be written (read-only, as on an image-based system), so the image is not built.",
            new ToolFix("See how /boot is mounted", "findmnt -T /boot; ls -l /var/lib/kdump")) with { Mark = Own },
        Of("/var/lib/kdump not writable, not regenerating initrd",
            "/var/lib/kdump cannot be written where the image is built: " +
            "it is read-only or not mounted there, as inside the new snapshot of a transactional update.",
            new ToolFix("Build the image in the running system, after the restart into the new snapshot",
                "findmnt -T /var/lib/kdump; mkdumprd -f; systemctl restart kdump")) with { Mark = Own },
        Of("dracut[E]: Module '{e}' cannot be installed", "") with { Mark = Module },
        Of("dracut[E]: Module '{e}' cannot be found or installed", "") with { Mark = Module },
        Of("dracut: Module '{e}' cannot be found or installed", "") with { Mark = Module },
        Of("dracut module '{e}' cannot be found or installed", "") with { Mark = Module },
        Of("dracut module '{e}' depends on '{e}', which can't be installed", "") with { Mark = Module },
        Of("Module '{e}' depends on module '{e}', which can't be installed", "") with { Mark = Depends },
        Of("Module '{e}' depends on '{e}', which can't be installed", "") with { Mark = Depends },
        Of("installkernel failed in module {w}", "") with { Mark = Kernel },
        Of("mksquashfs: command not found", "The image is packed with squashfs, and mksquashfs is not installed.",
            new ToolFix("Install squashfs-tools",
                "dnf install squashfs-tools || apt-get install squashfs-tools || zypper install squashfs")),
        Of("dracut-install: Failed to find module '{e}'", "The kernel module {1}, requested by name, does not exist for that kernel; " +
            "those named behind it may be left out of the image as well.",
            new ToolFix("See whether it is built in or missing", "modinfo -k $(uname -r) {1}")),
        Of("dracut-install: PATH is not set", "dracut-install finds programs by PATH, and its environment has none " +
            "(a chroot or a service with an empty environment): it puts nothing into the image.",
            new ToolFix("Give it one", "env PATH=/usr/sbin:/usr/bin:/sbin:/bin dracut -f   # in a chroot: chroot DIR /usr/bin/env " +
                "PATH=/usr/sbin:/usr/bin:/sbin:/bin dracut -f --kver KERNEL")),
        .. new[]
            {
                "Environment DESTROOTDIR or argument -D is {t}", "Failed to {t}", "Could not {t}", "Error {t}",
                "No SOURCE argument given",
            }
            .Select(w => Of($"dracut-install: {w}", "dracut-install, which puts files into the image, gave up: " +
                (w.Contains('{') ? $"\"{w.Replace("{t}", "{1}", StringComparison.Ordinal)}\"." : "it was given no file."),
                new ToolFix("Let it tell more", "dracut -f --debug --kver KERNEL 2>&1 | tail -60"))),
        Of("dracut-install: ERROR: installing {t}", "") with { Mark = Install },
        Of("dracut-install: ERROR: {t}", "dracut-install could not put a file into the image: {1}.",
            new ToolFix("See whether that file is there and readable, and whether there is room where the image is put together",
                "df -h /var/tmp /tmp; ls -l /lib/modules/$(uname -r)")),
        Of("dracut*Cannot find module directory {t}",
            "The modules of the kernel are not there: {1}. The kernel package was removed or the running kernel is not the one " +
            "that is installed.", new ToolFix("Install the kernel's modules, or start the installed kernel",
            "uname -r; ls /lib/modules")),
        Of("/etc/initramfs-tools/hooks/{e} failed with return {w}", "The hook {1} of initramfs-tools failed.",
            new ToolFix("Read its messages", "update-initramfs -u -v 2>&1 | tail -40")),
        Of("/usr/share/initramfs-tools/hooks/{e} failed with return {w}", "The hook {1} of initramfs-tools failed.",
            new ToolFix("Read its messages", "update-initramfs -u -v 2>&1 | tail -40")),
        Of("kdump: Error: (builtin) not found",
            "extra_modules in /etc/kdump.conf names a module that this kernel has built in: its file name is \"(builtin)\", " +
            "and that is looked for as a file.", new ToolFix("Take the built-in module out of extra_modules in /etc/kdump.conf",
            "for m in $(sed -n 's/^extra_modules//p' /etc/kdump.conf); do modinfo -F filename $m; done")),
        Of("he specified dump target needs makedumpfile {e} option", "A dump over ssh goes through a pipe, " +
            "so core_collector in /etc/kdump.conf must write the flattened form ({1}); it does not, and no image is built.",
            new ToolFix("Add it to core_collector, then start the service again",
                "sed -i '/^core_collector makedumpfile/s/makedumpfile/makedumpfile -F/' /etc/kdump.conf; kdumpctl restart"))
            with { Mark = Own },
        Of("kdump: Error: {e} not found", "/etc/kdump.conf or /etc/sysconfig/kdump names {1}, which is not there.",
            new ToolFix("Correct or take out the line that names it", "grep -n '{1}' /etc/kdump.conf /etc/sysconfig/kdump")),
        Of("update-initramfs: failed for /var/lib/kdump/{t}", "") with { Mark = Consequence },
        Of("kdump-tools exited with return code {w}", "") with { Mark = Consequence },
        Of("mkdumprd: failed to make kdump initrd", "") with { Mark = Consequence },
        Of("mkfadumprd: failed to make fadump initrd", "") with { Mark = Consequence },
        Of("mkdumprd failed", "") with { Mark = Consequence },
    ];

    private static ToolMessage Of(string wording, string means, params ToolFix[] fixes) =>
        new(ToolStage.Building, wording, means, fixes);
}
