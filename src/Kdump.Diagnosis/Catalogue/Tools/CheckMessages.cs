namespace Kdump.Diagnosis.Catalogue.Tools;

/// <summary>
/// kdump's service looks at its settings and its target before it arms, and refuses: kdumpctl and mkdumprd (kdump-utils), kdump-config
/// (Debian), load.sh and mkdumprd (SUSE). <see cref="ToolMessage.Mark"/> is the title of the finding.
/// </summary>
internal static class CheckMessages
{
    private static readonly ToolFix Conf =
        new("Correct /etc/kdump.conf, then start it again", "grep -v '^#' /etc/kdump.conf; kdumpctl restart");

    private static readonly ToolFix Net = new("Try the way to the target from this machine", "ip -br addr; ip route; ping -c3 SERVER");

    private const string NoShell = "The file is read by a shell, which took part of the line for a command: " +
        "an assignment without quotes, a blank beside =, or += under /bin/sh (dash does not know it). What the line should set is not set.";

    private static readonly ToolFix Shell = new("Write it as NAME=\"$NAME more words\", without blanks beside the =, and try the file",
        "sh -n /etc/default/kdump-tools; sh -x /etc/default/kdump-tools; bash -n /etc/sysconfig/kdump");

    /// <summary>How systemd, SysV and shells tell that there is no such unit or command.</summary>
    private static IEnumerable<ToolMessage> NotThere() => new[]
        {
            "Unit kdump.service not found", "Unit kdump.service could not be found", "Unit file kdump.service does not exist",
            "unit file state for kdump.service: No such file", "kdump: unrecognized service", "kdumpctl: command not found",
            "Unit kdump-tools.service not found", "Unit kdump-tools.service could not be found",
            "Unit file kdump-tools.service does not exist", "unit file state for kdump-tools.service: No such file",
            "kdump-config: command not found", "kdump-config: not found",
        }.Select(w => Of(w, "kdump is not installed on this machine: it has no such service or command",
            "What loads the crash kernel is not there (or has another name in this distribution), so a crash leaves no dump.", Packages));

    private static readonly ToolFix Script = new("Update the package that brings the script, or take back the update of bash or of the " +
        "program that it calls; then start the service again",
        "rpm -qf {1} || dpkg -S {1}; bash --version | head -1; bash -n {1}; systemctl restart kdump || kdump-config reload");

    /// <summary>How bash (<c>FILE: line N: …</c>) and dash (<c>FILE: N: …</c>) tell that they do not understand a script.</summary>
    private static IEnumerable<ToolMessage> NotUnderstood() =>
        from at in new[] { "line {w}: ", "{w}: " }
        from words in new[]
        {
            "bad substitution", "Bad substitution", "syntax error", "Syntax error", "unexpected EOF", "{e}: unbound variable",
        }
        from file in new[] { "/lib/kdump/{e}", "/usr/bin/kdumpctl{e}", "/bin/kdumpctl{e}", "/sbin/mkdumprd{e}", "/sbin/kdump-config{e}" }
        let name = file.Replace("{e}", "", StringComparison.Ordinal)
        let what = words.Replace("{e}: ", "", StringComparison.Ordinal)
        select Of($"{file}: {at}{words}", $"a shell does not understand {name}{{1}}, a script of kdump (line {{2}}): {what}",
            "The script and the shell are of versions that do not fit (a shell that was updated and parses more strictly, " +
            "or dash instead of bash), or the file was changed or is not whole.",
            Script with { Command = Script.Command!.Replace("{1}", name.EndsWith('/') ? $"{name}{{1}}" : name, StringComparison.Ordinal) });

    private static readonly ToolFix[] Packages =
    [
        new("Fedora, RHEL, openEuler: install it, reserve memory, then restart the machine", "dnf install kdump-utils " +
            "|| dnf install kexec-tools; grubby --update-kernel=ALL --args=crashkernel=512M; systemctl enable kdump"),
        new("Debian, Ubuntu: the service is kdump-tools; restart the machine after it", "apt-get install kdump-tools; kdump-config show"),
        new("SUSE: the package is kdump; restart the machine after it", "zypper install kdump; systemctl enable kdump"),
    ];

    public static readonly ToolMessage[] All =
    [
        .. NotThere(),
        Of("Unit kdump.service is masked", "kdump.service is masked: nothing starts it", "Someone forbade it (systemctl mask).",
            new ToolFix("Allow and start it", "systemctl unmask kdump; systemctl enable --now kdump")),
        Of("Unit kdump-tools.service is masked", "kdump-tools.service is masked: nothing starts it", "Someone forbade it (systemctl mask).",
            new ToolFix("Allow and start it", "systemctl unmask kdump-tools; systemctl enable --now kdump-tools")),
        Of("/etc/default/kdump-tools: {e}: not found", "a line of /etc/default/kdump-tools is not valid shell syntax: {1}", NoShell, Shell),
        Of("/etc/default/kdump-tools: line {e}: {e}: command not found",
            "line {1} of /etc/default/kdump-tools is not valid shell syntax: {2}",
            NoShell, Shell),
        Of("/etc/default/kdump-tools: {e}Syntax error: {t}", "/etc/default/kdump-tools is not valid shell syntax: {2}", NoShell, Shell),
        Of("/etc/sysconfig/kdump: line {e}: {e}: command not found", "line {1} of /etc/sysconfig/kdump is not valid shell syntax: {2}",
            NoShell, Shell),
        Of("/etc/sysconfig/kdump: line {e}: unexpected EOF{t}", "/etc/sysconfig/kdump is not valid shell syntax: a quote is not closed",
            NoShell, Shell),
        Of("/etc/default/kdump-tools: {e}: unexpected EOF{t}", "/etc/default/kdump-tools is not valid shell syntax: a quote is not closed",
            NoShell, Shell),
        .. NotUnderstood(),
        Of("no kernel for version {d} found", "KDUMP_KERNELVER names a kernel that is not installed: {1}",
            "The service loads exactly the kernel that the setting names.",
            new ToolFix("Empty KDUMP_KERNELVER in /etc/sysconfig/kdump, or install that kernel",
                "grep KDUMP_KERNELVER /etc/sysconfig/kdump; ls /boot/vmlinuz*")),
        Of("Error: /boot/vmlin{e} not found", "the kernel that kdump is to load is not there: /boot/vmlin{1}",
            "KDUMP_IMG in /etc/sysconfig/kdump gives another name " +
            "(vmlinux, vmlinuz, Image) than the file has, KDUMP_KERNELVER names a kernel that is not installed, or /boot is not mounted.",
            new ToolFix("Compare the settings with what is there, then start it again",
                "grep -E 'KDUMP_IMG|KDUMP_KERNELVER|KDUMP_BOOTDIR' /etc/sysconfig/kdump; " +
                "ls /boot/vmlin* /boot/Image*; findmnt /boot; kdumpctl restart")),
        Of("kdump: Error: {e} is not executable", "{1}, named in kdump's settings, cannot be executed",
            "kdump_pre, kdump_post and extra_bins must be executable.",
                new ToolFix("Make it executable", "chmod +x {1} && kdumpctl restart")),
        Of("kdump*Device {e} doesn't exist", "the dump target {1} does not exist",
            "No device has that name now: it was removed, or made anew with another id.",
                new ToolFix("Compare it with the existing devices",
            "blkid; grep -v '^#' /etc/kdump.conf")),
        Of("Dump path {e} does not exist in dump target {e}", "the folder {1} does not exist on the dump target {2}",
            "path in /etc/kdump.conf is looked for on the target while the image is built, and must be there.",
            new ToolFix("Make it, then start the service again",
                "grep -E '^(path|nfs|ext4|xfs)' /etc/kdump.conf; mkdir -p MOUNTPOINT/PATH; kdumpctl restart")),
        Of("Dump path {e} does not exist.", "the folder {1}, in which dumps are to be kept, does not exist",
            "path in /etc/kdump.conf must be there while the image is built.",
            new ToolFix("Make it, then start the service again", "mkdir -p {1} && kdumpctl restart")),
        Of("Dump target {e} is neither mounted nor configured as", "the dump target {1} is not mounted",
            "It has a line in /etc/fstab and is not mounted; only a line with noauto lets mkdumprd mount it by itself.",
            new ToolFix("Mount it, then start the service again", "findmnt -s; mount {1} && kdumpctl restart")),
        Of("Dump target {e} is probably not mounted", "the dump target {1} is not mounted",
            "mkdumprd takes the options of the mount from it and builds them into the image.",
            new ToolFix("Mount it, then start the service again", "findmnt -s; mount {1} && kdumpctl restart")),
        Of("{e} have a wrong type config {e}, expected {e}", "/etc/kdump.conf says {2} of the dump target {1}, which holds {3}",
            "The first word of the line must be the type of the file system.", Conf),
        Of("mkdir failed on {e}@{e}:/{e}", "the ssh server {1}@{2} does not allow creating the folder /{3}",
            "The login works, and mkdir on the server fails.", new ToolFix("Give the user write access to that folder on the server",
            "ssh -i /root/.ssh/kdump_id_rsa {1}@{2} mkdir -p /{3}")),
        Of("Could not create temporary directory on {e}. Make sure user has write permission",
            "the user may not write to {1} on the ssh server", "The folder is there; a test file could not be made in it.",
            new ToolFix("Give the user write access to that folder on the server",
                "ssh -i /root/.ssh/kdump_id_rsa USER@SERVER ls -ld PATH")),
        Of("checking remote ssh server available size failed", "the free space of the ssh server could not be asked for",
            "mkdumprd runs df there by the key of kdump; the login or the folder fails.",
            new ToolFix("Try it by hand", "ssh -i /root/.ssh/kdump_id_rsa USER@SERVER df PATH; kdumpctl propagate")),
        Of("Check dump target size failed", "the free space of the dump target could not be asked for",
            "df, or fdisk for a raw target, failed on it.", new ToolFix("See whether it is there and mounted", "df -h; lsblk -f")),
        Of("makedumpfile parameter check failed", "makedumpfile refuses the options of core_collector",
            "mkdumprd runs makedumpfile --check-params with them.", Conf),
        Of("Bad raw disk {e}", "the raw dump target {1} is no disk of this machine", "The device is not there, or its id cannot be read.",
            Conf),
        Of("raw partition {e} not found", "the raw dump target {1} is no disk of this machine", "The device is not there.", Conf),
        Of("Bad ssh dump target {e}", "the ssh target is written wrongly: {1}", "It must be user@host.", Conf),
        Of("kdump*Dump target {e} is not mounted", "the dump target {1} is not mounted",
            "The service looks at its space and its mount options, and builds them into the image.",
            new ToolFix("Mount it (take noauto off its line in /etc/fstab), then start the service again", "mount {1}; kdumpctl restart")),
        Of("kdump*Dump target {e} is not usable", "the dump target {1} cannot be used",
            "The service could not mount it or write to it.", new ToolFix("Try it by hand", "mount {1}; touch MOUNTPOINT/x")),
        Of("kdump*Dump target is invalid", "the dump target in /etc/kdump.conf is not a valid one",
            "The line names no kind of target that the service knows.", Conf),
        Of("There might not be enough space to save a vmcore", "the dump target may be too small for a dump",
            "The size of memory is compared with the free space; a filtered dump (-d 31) is usually much smaller.",
            new ToolFix("Make room, or choose a larger target", "df -h; free -g")),
        Of("The size of {e} should be greater than {w} kilo bytes", "the dump target {1} may be too small for a dump: {2} KiB are wanted",
            "The size of memory is compared with the free space; a filtered dump (-d 31) is usually much smaller.",
            new ToolFix("Make room, or choose a larger target", "df -h; free -g")),
        Of("Could not create {e}, you should check the privilege on server side", "the ssh server does not allow creating the folder {1}",
            "The login works, and mkdir on the server fails.", new ToolFix("Give the user write access to that folder on the server",
            "ssh -i /root/.ssh/kdump_id_rsa USER@SERVER mkdir -p PATH")),
        Of("Could not create {e}, ipaddr is not ready yet", "the ssh server for the dump is not reached: the network is not ready ({1})",
            "The service waits for the network and then gives up.", Net),
        Of("Invalid ssh destination {e} provided", "the ssh target is written wrongly: {1}", "It must be user@host.", Conf),
        Of("Bad kdump network destination: {t}", "the network target cannot be used: {1}",
            "Its name is not resolved, or no route leads to it.",
            Net),
        Of("The network still isn't ready after waiting", "the network for the dump target did not become ready in 10 minutes",
            "The service gives up then; a crash after that leaves no dump.", Net),
        Of("dump*Failed to get IP of {t}", "the address of {1} could not be found out, so the image gets no network",
            "mkdumprd copies the network of the running system into the image.", Net),
        Of("dracut*Can't get the permanent address of {w}", "the hardware address of {1} could not be read, so the image gets no network",
            "dracut's kdump module names the card in the image by its permanent address.", new ToolFix("See what the card tells",
            "ethtool -P {1}; ip link show {1}")),
        Of("dracut*Failed to get initiator name",
            "the iSCSI initiator's name is missing, so the target cannot be used from the crash kernel",
            "dracut takes it from /etc/iscsi/initiatorname.iscsi.",
                new ToolFix("Look at it", "cat /etc/iscsi/initiatorname.iscsi; iscsiadm -m session")),
        Of("dracut*Failed to set up znet", "the network of this mainframe could not be put into the image (znet)",
            "dracut reads the channel devices of the card.", new ToolFix("See what it reads", "lsqeth; lszdev")),
        Of("kdump-tools*Unable to locate kernel hook", "kdump-tools does not find the script that builds its image",
            "It is /etc/kernel/postinst.d/kdump-tools, part of the package.", new ToolFix("Install the package again",
            "apt-get install --reinstall kdump-tools")),
        Of("kdump-tools*Cannot find dump target", "kdump-tools does not find its dump target",
            "KDUMP_COREDIR, NFS or SSH in /etc/default/kdump-tools name it.",
                new ToolFix("Look at the settings", "kdump-config show; grep -v '^#' /etc/default/kdump-tools")),
        Of("load.sh*Kernel {e} does not exist.", "the kernel {1}, which kdump is to load, does not exist",
            "KDUMP_KERNELVER in /etc/sysconfig/kdump names it, or it was removed.",
                new ToolFix("Empty the setting, or install that kernel", "grep KDUMP_KERNELVER /etc/sysconfig/kdump; " +
            "ls /boot", For: DumpService.Suse)),
        Of("load.sh*kexec failed", "kexec could not load the crash kernel",
            "SUSE's load.sh reports it; kexec's own messages are before it.",
            new ToolFix("See them", "journalctl -b -u kdump")),
        Of("No dracut module 'kdump{e}' found", "dracut's module kdump{1} is missing",
            "The package that brings it is not installed, or lies in a folder of another version of dracut.",
                new ToolFix("Install it (kdump-utils for kdumpbase)", "ls -d /usr/lib/dracut/modules.d/*kdump*")),
        Of("$LUKS_CONFIGFS_RESTORE isn't ready", "the key of the encrypted target did not come through to the crash kernel",
            "The crash kernel waits for it in configfs (crash_dm_crypt_keys/restore).", new ToolFix("Load it again with the key",
            "kdumpctl setup-crypttab; kdumpctl restart")),
        Of("LUKS_CONFIGFS_RESTORE isn't ready", "the key of the encrypted target did not come through to the crash kernel",
            "The crash kernel waits for it in configfs (crash_dm_crypt_keys/restore).", new ToolFix("Load it again with the key",
            "kdumpctl setup-crypttab; kdumpctl restart")),
        Of("get_host_ip exited with non-zero status", "the crash kernel could not determine its own IP address",
            "It names the folder of the dump by it; without it nothing is saved to the network.", Net),
        Of("kdump.service: Start operation timed out", "starting kdump took too long, and systemd ended it",
            "Building the image or waiting for the network took longer " +
            "than the unit's time limit.", new ToolFix("Build the image beforehand, or give it longer " +
            "(systemctl edit kdump: TimeoutStartSec=)", "time kdumpctl rebuild")),
        Of("No program header covering vaddr {w}",
            "vmcore-dmesg does not find the kernel's log in /proc/vmcore (address {1})",
            "The description of the old memory (the ELF header in elfcorehdr) has no range for the address of the log, " +
            "so the dmesg of the crash is not saved: a fault of kexec-tools or of the kernel that wrote it, " +
            "or that address is nonsense because the crash kernel reads the old memory wrongly.",
            new ToolFix("Update kexec-tools and the kernel", "kexec --version; uname -r")),
        Of("Unable to read ELF information from /proc/vmcore", "the description of the old memory in /proc/vmcore is not readable",
            "vmcore-dmesg expects an ELF header there.", new ToolFix("Load the crash kernel again", "kdumpctl restart")),
        Of("Warning: Zero PT_NOTE entries found", "the dump's header has no notes of the CPUs",
            "The kernel that crashed did not write them: " +
            "its crash notes are not where the header (elfcorehdr) says.", new ToolFix("Load the crash kernel again after changes of CPUs",
            "kdumpctl restart")),
    ];

    private static ToolMessage Of(string wording, string title, string means, params ToolFix[] fixes) =>
        new(ToolStage.Checking, wording, means, fixes) { Mark = title };
}
