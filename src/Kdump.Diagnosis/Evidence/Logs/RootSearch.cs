using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>A step on the way from the kernel to the first program on the root file system.</summary>
public enum RootStep
{
    /// <summary>The kernel itself, without an initramfs, tried to mount the root and could not.</summary>
    KernelCannotOpen,

    /// <summary>The root that the kernel was given is one that it cannot wait for.</summary>
    RootInvalid,

    /// <summary>The kernel waits for the root device.</summary>
    KernelWaits,

    /// <summary>No file system driver recognised the device.</summary>
    NoFilesystem,

    /// <summary>A program of the initramfs gave up waiting.</summary>
    InitramfsGaveUp,

    /// <summary>The initramfs went on to a root file system, and none was mounted there.</summary>
    NothingMounted,

    /// <summary>An encrypted volume was not opened.</summary>
    Locked,

    /// <summary>An initramfs was handed over and unpacked.</summary>
    InitramfsThere,

    /// <summary>The kernel found no first program in its initramfs: none was given, or it holds none.</summary>
    InitramfsEmpty,

    /// <summary>A program of the initramfs runs.</summary>
    InitramfsRuns,

    /// <summary>A first program could not be executed.</summary>
    InitRefused,

    /// <summary>The initramfs found the root file system and no first program on it.</summary>
    InitMissing,

    /// <summary>No first program is left to try.</summary>
    NoInit,

    /// <summary>A disk or card came up after the kernel had given up on its root.</summary>
    DiskCameLate,

    /// <summary>The kernel lists the partitions that it knows, which it does only when it cannot mount its root.</summary>
    ListPrinted,

    /// <summary>The initramfs waits for a device; this alone says only that the device is not there yet.</summary>
    Waits,
}

/// <summary>The machine came to its own root file system: whatever the initramfs was, it did not stop the start.</summary>
public sealed record RootReached(Source Source) : Fact(Source);

/// <param name="About">The device or program; empty where the line names none.</param>
/// <param name="Errno">Positive, or 0.</param>
public sealed record RootSign(Source Source, RootStep Step, string About, int Errno) : Fact(Source)
{
    /// <summary>The reason that mount printed; empty where the line has none.</summary>
    public string Reason { get; init; } = "";
}

/// <summary>A block device or partition in the list that the kernel prints when it cannot mount its root.</summary>
public sealed record KernelPartition(Source Source, string Name) : Fact(Source);

/// <summary>
/// How the root file system was looked for: init/do_mounts.c and init/main.c of the kernel, and what initramfs-tools, dracut, mkinitcpio,
/// genkernel and live systems say when they do not find it.
/// </summary>
public sealed class RootSearch : BookParser
{
    /// <summary>busybox' mount: a device, the place where the machine's root is to be, and the reason.</summary>
    private const string MountedOn = "mount: mounting {e} on /{e} failed: {t}";

    /// <summary>Debian's mount.nfs in an initramfs, which mounts on /root.</summary>
    private const string NfsRoot = "mount.nfs: * for {e} on /root";

    /// <summary>The text alone in its line, as when somebody types dracut's messages off a screen.</summary>
    private const string BareDevice = "/dev/disk/by-{e} does not exist";

    /// <summary>The most lines of the partition list that are read, and the most signs kept of one input.</summary>
    private const int MaxList = 256, MaxSigns = 256;

    /// <summary>The first text that a wording captures is its subject; <c>(error {w})</c> at its end is the error number.</summary>
    private static readonly (RootStep Step, string Wording, bool Number)[] Wordings =
    [
        (RootStep.KernelCannotOpen, "VFS: Cannot open root device \"{e}\" or {e}: error {t}", true),
        // Before Linux 3.4 without the number.
        (RootStep.KernelCannotOpen, "VFS: Cannot open root device \"{e}\" or {t}", false),
        (RootStep.KernelCannotOpen, "VFS: Unable to mount root fs \"{e}\" on ", false),
        // Since Linux 6.6 as root= has it.
        (RootStep.KernelCannotOpen, "Unable to mount root fs on \"{e}\" or {t}", false),
        (RootStep.KernelCannotOpen, "Unable to mount root fs on {t}", false),
        (RootStep.KernelCannotOpen, "VFS: Unable to mount root fs via {t}", false),
        (RootStep.RootInvalid, "Disabling rootwait; root= is invalid", false),
        (RootStep.KernelWaits, "Waiting for root device {t}", false),
        (RootStep.NoFilesystem, "No filesystem could mount root, tried:", false),
        (RootStep.InitramfsGaveUp, "ALERT! encrypted source device {e} does not exist", false),
        (RootStep.InitramfsGaveUp, "Gave up waiting for /usr device", false),
        (RootStep.InitramfsGaveUp, "ALERT!  {w}={e} does not exist", false),
        (RootStep.InitramfsGaveUp, "ALERT!  {e} does not exist", false),
        (RootStep.InitramfsGaveUp, "ALERT! {e} does not exist", false),
        (RootStep.InitramfsGaveUp, "Alert! {e} does not exist", false),
        (RootStep.InitramfsGaveUp, "Alert {e} does not exist. Dropping", false),
        (RootStep.InitramfsGaveUp, "ave up waiting for root", false),
        (RootStep.InitramfsGaveUp, "Warning: /dev/{e} does not exist", false),
        // Typed from a screen, where the blank behind a colon is lost.
        (RootStep.InitramfsGaveUp, "Warning:/dev/{e} does not exist", false),
        (RootStep.InitramfsGaveUp, "Warning: \"/dev/{e}\" does not exist", false),
        (RootStep.InitramfsGaveUp, "Warning: Could not boot", false),
        (RootStep.InitramfsGaveUp, "FATAL: No or empty root= argument", false),
        (RootStep.InitramfsGaveUp, "/dev/disk/by-{e} Warning:", false),
        (RootStep.InitramfsGaveUp, "ERROR: device '{e}' not found. Skipping fsck", false),
        (RootStep.InitramfsGaveUp, "rror: device '{e}' not found. Skipping fsck", false),
        (RootStep.InitramfsGaveUp, "ALERT!  does not exist", false),
        (RootStep.InitramfsGaveUp, "ALERT! does not exist", false),
        (RootStep.InitramfsGaveUp, "ERROR: device \"{e}\" not found. Skipping fsck", false),
        (RootStep.InitramfsGaveUp, "mount : /new_root: {t}", false),
        (RootStep.InitramfsGaveUp, "ERROR: Failed to mount '{e}' on real root", false),
        (RootStep.InitramfsGaveUp, "Unable to find root device '{e}'", false),
        (RootStep.InitramfsGaveUp, "Could not find the root block device in {t}", false),
        (RootStep.InitramfsGaveUp, "root block device is unspecified or not detected", false),
        // SUSE's initrd before dracut.
        (RootStep.InitramfsGaveUp, "Waiting for device {e} to appear:*not found -- exiting to", false),
        (RootStep.InitramfsGaveUp, "not found -- exiting to /bin/sh", false),
        (RootStep.InitramfsGaveUp, "Want me to fall back to ", false),
        (RootStep.InitramfsGaveUp, "An error occurred in stage 1 of the boot process", false),
        (RootStep.InitramfsGaveUp, "Timed out waiting for device {e}, trying to mount anyway", false),
        (RootStep.InitramfsGaveUp, "initramfs emergency recovery shell launched", false),
        (RootStep.InitramfsGaveUp, "Unable to find a medium containing a live file system", false),
        (RootStep.InitramfsGaveUp, Sysroot, false),
        (RootStep.InitramfsGaveUp, "Dependency failed for*Initrd Root Device", false),
        // As people type it from the screen.
        (RootStep.InitramfsGaveUp, "ependency failed for initrd root device", false),
        (RootStep.InitramfsGaveUp, "ependency failed for initrd root file system", false),
        (RootStep.InitramfsGaveUp, "Dependency failed for*Initrd Root File System", false),
        (RootStep.InitramfsGaveUp, MountedOn, false),
        (RootStep.InitramfsGaveUp, "mount: /new_root: {t}", false),
        (RootStep.InitramfsGaveUp, "mount: /mnt-root: {t}", false),
        (RootStep.InitramfsGaveUp, "mount: /sysroot: {t}", false),
        (RootStep.InitramfsGaveUp, "Can't open /run/net-{t}", false),
        (RootStep.InitramfsGaveUp, NfsRoot, false),
        (RootStep.InitramfsGaveUp, "ERROR: Unable to mount {e}: {t}", false),
        (RootStep.InitramfsGaveUp, "You are now being dropped into ", false),
        (RootStep.InitramfsGaveUp, "Could not mount specified ROOT", false),
        (RootStep.InitramfsGaveUp, "Failed to find root device {t}", false),
        (RootStep.InitramfsGaveUp, "No root device specified", false),
        (RootStep.InitramfsGaveUp, "You are being dropped to a shell", false),
        (RootStep.InitramfsGaveUp, "root filesystem not found", false),
        (RootStep.InitramfsGaveUp, "Timeout waiting for root filesystem", false),
        (RootStep.InitramfsGaveUp, "is not a valid root device", false),
        (RootStep.InitramfsGaveUp, "Block device {e} is not a valid block device", false),
        (RootStep.InitramfsGaveUp, "Could not locate linux data", false),
        (RootStep.InitramfsGaveUp, "Unable to find a live file system", false),
        (RootStep.InitramfsGaveUp, "/run/initramfs/union does not exist", false),
        (RootStep.InitramfsGaveUp, BareDevice, false),
        // Sentences in which people report it.
        (RootStep.InitramfsGaveUp, "root could not be mounted", false),
        (RootStep.InitramfsGaveUp, "could not mount root", false),
        (RootStep.InitramfsGaveUp, "ould not find root device", false),
        (RootStep.InitramfsGaveUp, "ropping into emergency shell", false),
        (RootStep.InitramfsGaveUp, "ropping to emergency shell", false),
        (RootStep.InitramfsGaveUp, "ropped into an emergency shell", false),
        (RootStep.InitramfsGaveUp, "ropped into emergency shell", false),
        (RootStep.InitramfsGaveUp, "ropped into the emergency shell", false),
        (RootStep.InitramfsGaveUp, "ropped into the initramfs", false),
        (RootStep.InitramfsGaveUp, "ropped to an initramfs", false),
        (RootStep.NothingMounted, "Usage: switch_root [", false),
        (RootStep.NothingMounted, "switch_root: can't execute '{e}': No such file", false),
        (RootStep.NothingMounted, "switch_root: not rootfs", false),
        (RootStep.NothingMounted, "switch_root: failed to mount moving {e} to", false),
        (RootStep.NothingMounted, "run-init: current directory on the same filesystem as the root", false),
        (RootStep.NothingMounted, "Failed to switch_root, does {e} exist", false),
        (RootStep.NothingMounted, "switch_root: failed to execute {e}: No such file", false),
        (RootStep.NothingMounted, "switch_root: bad newroot", false),
        (RootStep.NothingMounted, "switch_root: '{e}' is not a", false),
        (RootStep.NothingMounted, "initrd-cleanup.service: Failed with result", false),
        (RootStep.NothingMounted, "Failed to start*Cleaning Up and Shutting Down Daemons", false),
        (RootStep.NothingMounted, "initrd-switch-root.service: Failed with result", false),
        (RootStep.NothingMounted, "Failed to switch root: {t}", false),
        (RootStep.NothingMounted, "Not switching root: {t}", false),
        (RootStep.NothingMounted, NoLayout, false),
        (RootStep.NothingMounted, "Failed to start*Switch Root", false),
        (RootStep.Locked, "Failed to start*Cryptography setup for {t}", false),
        (RootStep.Locked, "initqueue/finished/90-crypt.sh", false),
        (RootStep.Locked, "Dependency failed for*Cryptography Setup for {t}", false),
        (RootStep.Locked, "Failed to start*Cryptography Setup for {t}", false),
        (RootStep.Locked, "Failed to start systemd-cryptsetup@{e}.service", false),
        (RootStep.Locked, "Dependency failed for*Local Encrypted Volumes", false),
        // dracut's 90crypt, when the time for an rd.luks.uuid= is over; as a photo has it also without the o.
        (RootStep.Locked, "LUKS UUID {e} not found", false),
        (RootStep.Locked, "cryptsetup failed, bad password or options", false),
        (RootStep.InitramfsThere, "Freeing initrd memory: {t}", false),
        (RootStep.InitramfsThere, "Trying to unpack rootfs image as initramfs", false),
        (RootStep.InitramfsThere, "Unpacking initramfs...", false),
        (RootStep.InitramfsThere, "RAMDISK: [mem {t}", false),
        (RootStep.InitramfsThere, "RAMDISK: {w} image found at block 0", false),
        (RootStep.InitramfsRuns, "Run /init as init process", false),
        (RootStep.InitramfsRuns, "Loading, please wait...", false),
        (RootStep.InitramfsEmpty, "check access for rdinit={e} failed: {t}", false),
        (RootStep.InitRefused, "Failed to execute {e} (error {t}", true),
        (RootStep.InitRefused, "Starting init: {e} exists but couldn't execute it (error {t}", true),
        (RootStep.InitRefused, "Requested init {e} failed (error {t}", true),
        (RootStep.InitMissing, "run-init: {e}: No such file or directory", false),
        (RootStep.InitMissing, "state 2 init script ({e}) not found", false),
        (RootStep.InitMissing, "stage 2 init script ({e}) not found", false),
        (RootStep.InitMissing, "{e} doesn't exist or isn't executable. Trying", false),
        (RootStep.InitMissing, "Target filesystem doesn't have requested {t}", false),
        (RootStep.InitMissing, "No init found. Try passing init= bootarg", false),
        (RootStep.InitMissing, "Root device mounted successfully, but {e} does not exist", false),
        (RootStep.InitMissing, "run-init: can't execute '{e}': No such file", false),
        (RootStep.InitMissing, "dracut*Cannot find init!", false),
        (RootStep.InitMissing, "!! Root block device is mounted but {e} is missing", false),
        (RootStep.InitMissing, "systemd[1]: No {e}, trying fallback", false),
        (RootStep.InitMissing, "Failed to execute {e}, giving up: No such file", false),
        (RootStep.NoInit, "No working init found", false),
        (RootStep.ListPrinted, "List of all partitions:", false),
        (RootStep.Waits, "waiting for device {e} to appear.", false),
        (RootStep.Waits, "dracut-initqueue timeout - starting timeout scripts", false),
        (RootStep.Waits, "dracut-initqueue: timeout", false),
        (RootStep.Waits, "dracut-initqueue timeout", false),
        (RootStep.DiskCameLate, "mmcblk{w}: mmc{e}:{t}", false),
        (RootStep.DiskCameLate, "[{w}] Attached SCSI disk", false),
        (RootStep.DiskCameLate, "[{w}] Attached SCSI removable disk", false),
        (RootStep.DiskCameLate, "nvme{w}: {e} default/read/poll queues", false),
        (RootStep.DiskCameLate, "virtio_blk virtio{w}: [{e}] {t}", false),
        (RootStep.DiskCameLate, "usb-storage *: USB Mass Storage device detected", false),
    ];

    /// <summary>In a row of the list, behind a whole disk.</summary>
    private const string Driver = " driver: ";

    /// <summary>
    /// What is printed only once the root file system is there: by init/do_mounts.c, switch_root, and systemd outside of an initramfs.
    /// </summary>
    private static readonly string[] Reached =
    [
        "VFS: Mounted root (", "]: Switching root", "ser and Session Slice",
        "Reached target Multi-User", "Reached target multi-user", "Reached target Graphical", "Reached target graphical",
    ];

    private static string[] Lists => ["available partitions:", "List of all partitions:"];

    /// <summary>Each wording by its place; behind them the heads of lists, then the driver of a row.</summary>
    private static readonly (int Place, string Text)[] Book =
        [.. Wordings.Select((w, i) => (i, Shape.LongestLiteral(w.Wording))), .. Lists.Select(l => (Wordings.Length, l)),
            (Wordings.Length + 1, Driver), .. Reached.Select(r => (Wordings.Length + 2, r))];

    private readonly List<string> taken = [];
    private int left, signs;

    /// <summary>The kernel gave up on its root.</summary>
    private bool gaveUp;

    /// <summary>It is told once of each boot.</summary>
    private bool reached;
    private Boot? boot;

    /// <summary>dracut's check of what it mounted: none of /proc, /sys, /dev, no loader.</summary>
    private const string NoLayout = "has no proper rootfs layout";

    private const string Sysroot = "Failed to mount /sysroot";

    public override string Kind => "kernel log";

    public override IReadOnlyList<(int Place, string Text)> Texts => Book;

    public override bool Busy => left > 0;

    public override bool Line(in TextLine line, Facts facts)
    {
        bool head = Concerned.Contains(Wordings.Length), row = Concerned.Contains(Wordings.Length + 1);
        if (facts.Boot != boot)
            (boot, reached) = (facts.Boot, false);
        if (!reached && Concerned.Contains(Wordings.Length + 2) && Reaches(line.Text))
        {
            reached = true;
            facts.Add(new RootReached(line.ToSource()));
        }
        if (head)
            left = MaxList;
        if (Concerned[0] < Wordings.Length && Sign(line, facts))
            return true;
        // A part of the list without its heading: the lines after it are read as if below a heading.
        if (left == 0 && row && Within(line, facts))
        {
            left = MaxList;
            return true;
        }
        // A line of the list may hold the words of another sign (mmcblk…).
        return left > 0 && !head && Within(line, facts);
    }

    private static bool Reaches(ReadOnlySpan<char> text)
    {
        foreach (string words in Reached)
        {
            // Device 1:0 is the memory that an old initrd is unpacked into.
            if (text.Contains(words, StringComparison.Ordinal) && !text.Contains("on device 1:0", StringComparison.Ordinal))
                return true;
        }
        return false;
    }

    /// <summary>A row of the list: number of the device in hex, size, name, perhaps the partition's UUID.</summary>
    public override bool Within(in TextLine line, Facts facts)
    {
        left = Math.Max(0, left - 1);
        ReadOnlySpan<char> text = line.Text;
        // Whatever stands before, the last words are `103:00001 500107608 nvme0n1` (old) or `0800 10485760 sda`.
        string[] words = text[Math.Max(0, text.IndexOf(']') + 1)..].ToString().Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
        for (int i = 0; i + 2 < words.Length; i++)
        {
            if (words[i].Length is >= 4 and <= 8 && words[i].All(char.IsAsciiHexDigit) && words[i + 1].All(char.IsAsciiDigit) &&
                char.IsAsciiLetter(words[i + 2][0]) && words[i + 2].All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '!'))
            {
                facts.Add(new KernelPartition(line.ToSource(), words[i + 2]));
                return true;
            }
        }
        return false;
    }

    public override void End(Facts facts) => (left, signs, gaveUp, reached, boot) = (0, 0, false, false, null);

    private bool Sign(in TextLine line, Facts facts)
    {
        // The kernel's own format, as a debugger shows an argument of panic(): no message yet.
        if (line.Text.Contains("root fs on %", StringComparison.Ordinal))
            return false;
        foreach (int known in Concerned)
        {
            if (known >= Wordings.Length)
                break;
            (RootStep step, string wording, bool number) = Wordings[known];
            if (Shape.Find(line.Text, wording, taken) < 0)
                continue;
            // Disks that appear in time are not reported.
            if ((step == RootStep.DiskCameLate && !gaveUp) || (wording == BareDevice && !line.Text.TrimStart(' ')
                .StartsWith("/dev/", StringComparison.Ordinal)))
                return false;
            if (signs++ >= MaxSigns)
                return true;
            gaveUp |= step == RootStep.KernelCannotOpen;
            int errno = 0;
            if (number)
                _ = int.TryParse(taken[^1].Trim().TrimStart('-').TrimEnd(')', '.'), out errno);
            string about = taken.Count - (number ? 1 : 0) <= 0 ? "" : taken[0].Trim().TrimEnd('.', ' ');
            string reason = "";
            if (wording == MountedOn)
            {
                // /root, /rootfs, /newroot, /mnt-root; not /root/dev, which follows from it.
                string place = taken[1].TrimEnd('/');
                if (!place.Contains("root", StringComparison.Ordinal) || (place.Contains('/') && !IsMedium(place)))
                    return false;
                reason = IsMedium(place) ? "" : taken[2].Trim();
            }
            else if (wording == Sysroot)
            {
                // /sysroot/nix and the like are mounted into a root that is there.
                if (line.Text[(line.Text.IndexOf(Sysroot, StringComparison.Ordinal) + Sysroot.Length)..].StartsWith('/'))
                    return false;
            }
            else if (wording.EndsWith(" switch root: {t}", StringComparison.Ordinal) || wording.StartsWith("Not switching root: ",
                StringComparison.Ordinal))
                (reason, about) = (about, "");
            else if (wording == NoLayout)
                reason = NoLayout;
            else if (wording.StartsWith("mount: /", StringComparison.Ordinal) || wording.StartsWith("mount : /", StringComparison.Ordinal))
                (reason, about) = (about, Named(about));
            if (wording.StartsWith("ALERT!  {w}=", StringComparison.Ordinal))
                about = $"{taken[0]}={taken[1]}";
            if (wording.StartsWith("Warning:", StringComparison.Ordinal) && about.Length > 0)
                about = $"/dev/{about}";
            if (wording == NfsRoot)
                reason = line.Text[(line.Text.IndexOf("mount.nfs: ", StringComparison.Ordinal) + 11)..line.Text.LastIndexOf(" for ",
                    StringComparison.Ordinal)].ToString();
            if (wording.StartsWith("Can't open /run/net-", StringComparison.Ordinal))
                about = "";
            if (wording == BareDevice || wording.StartsWith("/dev/disk/by-{e} Warning", StringComparison.Ordinal))
                about = $"/dev/disk/by-{about}";
            if (wording.StartsWith("initrd-", StringComparison.Ordinal))
                reason = line.Text[line.Text.IndexOf("initrd-", StringComparison.Ordinal)..].ToString();
            if (wording.StartsWith("ERROR: Unable to mount ", StringComparison.Ordinal))
                about = taken[1].Trim().TrimEnd('.');
            if (step == RootStep.DiskCameLate)
                about = DiskOf(wording, about);
            facts.Add(new RootSign(line.ToSource(), step, about, errno) { Reason = reason });
            return true;
        }
        return false;
    }

    /// <summary>True for a place below the new root where a live system mounts its medium.</summary>
    private static bool IsMedium(string place) => place.EndsWith("/iso", StringComparison.Ordinal) ||
        place.EndsWith("/isodevice", StringComparison.Ordinal) || place.EndsWith("/cdrom", StringComparison.Ordinal);

    private static string DiskOf(string wording, string taken) => wording[0] switch
    {
        'm' => $"mmcblk{taken}",
        'n' => $"nvme{taken}",
        'u' => "a USB disk",
        'v' => $"virtio{taken}",
        _ => taken,
    };

    /// <summary>The device in mount's words: <c>can't find UUID=…</c>, <c>special device /dev/sda2 does not exist</c>.</summary>
    private static string Named(string words) => words.Split(' ').FirstOrDefault(w => w.Contains("UUID=", StringComparison.Ordinal) ||
        w.Contains("LABEL=", StringComparison.Ordinal) || w.StartsWith("/dev/", StringComparison.Ordinal))?.TrimEnd('.', ',') ?? "";
}
