namespace Kdump.Diagnosis.Catalogue.Tools;

/// <summary>
/// The dump could not be written: messages of makedumpfile, cp and dd with the words of the error number, and of ssh, scp and
/// rsync. Other programs print the same messages, so they count only where a dump was being saved.
/// </summary>
internal static class WriteMessages
{
    public const string Full = "full";

    private static readonly ToolFix Disk = new(
        "Read the kernel's messages about that disk, and check the file system from the first kernel",
        "dmesg | grep -iE 'error|remount'; smartctl -a /dev/DISK; fsck -n /dev/DISK");

    private static readonly ToolFix Propagate = new("Copy the ssh key to the server and rebuild the image",
        "kdumpctl propagate && kdumpctl restart",
        For: DumpService.Kdumpctl);

    private static readonly ToolFix DebianKey =
        new("Copy the ssh key to the server and rebuild the image",
        "kdump-config propagate && kdump-config reload", For: DumpService.KdumpTools);

    private static readonly ToolFix HostKey = new("Record the server's new key (compare its fingerprint first), and rebuild the image",
        "ssh-keygen -R SERVER; ssh-keyscan SERVER >> /root/.ssh/known_hosts", "a key taken unseen may be a stranger's");

    private static readonly ToolFix Network =
        new("Look at the network of the crash kernel: its card's driver, ip= and the address it gets " +
        "(rd.shell=1 rd.debug on its command line give a shell there)");

    private const string NoMemory = "makedumpfile itself had no memory in the crash kernel.";

    private static readonly ToolFix More = new("Reserve more memory (crashkernel=), or make it work in one thread and in cycles " +
        "(--num-threads 0, --cyclic-buffer 1024)");

    public static readonly ToolMessage[] All =
    [
        Of("No space left on device", "The target was full.") with { Mark = Full },
        .. Writes("Input/output error", "The disk or its file system failed while it was written (EIO).", Disk),
        .. Writes("Read-only file system", "The target is mounted read-only, or was made so after an error.", Disk),
        .. Writes("Permission denied", "The target may not be written: its rights, or the server's (root_squash on NFS).",
            new ToolFix("Allow root to write there (no_root_squash in the server's export, or the directory's owner)", "ls -ldZ PATH")),
        .. Writes("No such file or directory",
            "The directory for the dump is not there on the target: path is relative " +
            "to the target's own root.", new ToolFix("Make it, or correct path in the settings", "grep -n path /etc/kdump.conf")),
        .. Writes("File too large", "The target's file system does not take a file of that size.",
            new ToolFix("Leave more out (-d 31), or use another file system")),
        .. Writes("Stale file handle", "The server has changed the export since it was mounted.",
            new ToolFix("Mount it again and rebuild the image")),
        .. Writes("Disk quota exceeded", "The quota on the target is used up.", new ToolFix("Raise it, or remove old dumps")),
        .. Writes("Cannot allocate memory", "There was not enough memory for writing: the crash kernel has too little.",
            new ToolFix("Reserve more memory (crashkernel=)")),
        Of("Can't allocate memory for the {w} bitmap", NoMemory, More),
        Of("Can't allocate memory for the {t}", NoMemory, More),
        Of("There isn't enough memory for {w} threads", NoMemory, More),
        Of("Host key verification failed", "The ssh server's host key is not the one that the image knows.", HostKey, Propagate, DebianKey),
        Of("REMOTE HOST IDENTIFICATION HAS CHANGED", "The ssh server's host key has changed since the image was built.", HostKey, Propagate,
            DebianKey),
        Of("Permission denied (publickey", "The ssh server does not accept kdump's key.", Propagate, DebianKey),
        Of("Could not resolve hostname {e}:", "The name {1} could not be resolved in the crash kernel.",
            new ToolFix("Name the server by its address, or give the crash kernel a name server (nameserver= on its command line)")),
        Of("ssh: connect to host {d} port {w}: {t}", "The ssh server {1} could not be reached: {3}.", Network),
        Of("no matching host key type found", "Client and ssh server have no kind of host key in common (crypto policy, FIPS).",
            new ToolFix("Allow a common one on the server, or in the image's ssh_config", "ssh -vv USER@SERVER true")),
        Of("no matching key exchange method found", "Client and ssh server have no key exchange in common (crypto policy, FIPS).",
            new ToolFix("Allow a common one on the server, or in the image's ssh_config", "ssh -vv USER@SERVER true")),
        Of("client_loop: send disconnect: Broken pipe", "The ssh connection broke while the dump was sent.", Network),
        Of("scp: {t}", "scp says: {1}.", Network),
        Of("lost connection", "The connection to the server broke while the dump was sent.", Network),
        Of("rsync error: {t}", "rsync says: {1}.", Network),
        Of("Network is unreachable", "The crash kernel has no network.", Network),
        Of("No route to host", "The crash kernel has no way to the server.", Network),
    ];

    private static IEnumerable<ToolMessage> Writes(string error, string why, ToolFix fix) =>
        ((string[])["Can't write the dump file({e}). ", "Can't open the dump file({e}). ", "error writing '{e}': ", "writing '{e}': ",
            "writing to '{e}': ", "cannot create regular file '{e}': ", "cannot create directory '{e}': ", "failed to extend '{e}': ",
            "error syncing '{e}': ", "error writing to '{e}': "])
            .Select(wording => Of(wording + error, why, fix));

    private static ToolMessage Of(string wording, string means, params ToolFix[] fixes) => new(ToolStage.Writing, wording, means, fixes);
}
