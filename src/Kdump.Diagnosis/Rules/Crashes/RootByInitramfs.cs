using Kdump.Diagnosis.Catalogue.Tools;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Speakers;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>The initramfs ran, and gave up its search for the root.</summary>
internal static class RootByInitramfs
{
    public static Finding Judge(RootSign[] gaveUp, RootSign[] all, Facts facts)
    {
        if (RootNotNamed.Judge(gaveUp) is { } unnamed)
            return unnamed;
        RootSign named = gaveUp.FirstOrDefault(s => s.About.Length > 0) ?? gaveUp[0];
        DeviceWait[] waits = [.. facts.Of<DeviceWait>().Where(w => w.Boot == named.Boot && w.GaveUp)];
        string about = named.About.Length > 0 ? named.About
            : (waits.FirstOrDefault(w => RootNotFound.IsRootItself(w.Device)) ?? waits.FirstOrDefault())?.Device ??
                CheckedBeside(named, facts);
        if (NotTheRoot.Asked(about, gaveUp, facts) is { } other)
            return other;
        string ended = Ended(named, facts);
        if (NotTheRoot.OfEncrypted(gaveUp) is { } volume)
            return NotTheRoot.Encrypted(volume, gaveUp, ended);
        if (about.Length > 0 && gaveUp.Any(s => s.Source.Text.Contains("waiting for /usr device", StringComparison.Ordinal)))
            return NotTheRoot.Usr(about, gaveUp, ended);
        bool mapper = about.StartsWith("/dev/mapper/", StringComparison.Ordinal) || AwaitedDevice.VolumeOf(about) is not null;
        RootSign? locked = all.FirstOrDefault(s => s.Step == RootStep.Locked);
        bool luks = locked is not null || about.Contains("luks", StringComparison.OrdinalIgnoreCase) || about.Contains("crypt",
            StringComparison.OrdinalIgnoreCase);
        FindingRef[] storage = [.. facts.Of<ProbeFailed>().Where(p => p.Boot == named.Boot && StorageDrivers.Contains(p.Driver))
            .Select(p => new FindingRef("driver-probe-failed", $"{p.Device}")).Distinct().Take(16)];
        string reason = all.FirstOrDefault(s => s.Reason.Length > 0)?.Reason ?? "";
        // What cannot be mounted since its device is not there is not there.
        bool absent = gaveUp.Any(s => s.Source.Text.Contains("' not found. Skipping fsck", StringComparison.Ordinal));
        bool notMounted = !absent && gaveUp.Any(s => s.Source.Text.Contains("ailed to mount '", StringComparison.Ordinal) ||
            s.Source.Text.Contains("Unable to mount ", StringComparison.Ordinal)) ||
            Array.Exists(There, t => reason.Contains(t, StringComparison.Ordinal));
        bool noDriver = reason.StartsWith("No such device", StringComparison.Ordinal) ||
            reason.Contains("unknown filesystem type", StringComparison.Ordinal);
        bool report = facts.Of<ToolSaid>().Any(s => s.Message.Mark == RootMessages.Shell && s.Boot == named.Boot);
        ToolSaid? network = facts.Of<ToolSaid>().FirstOrDefault(s => s.Message.Stage == ToolStage.Networking && s.Boot == named.Boot &&
            s.Source.Input == named.Source.Input && s.Source.Order < named.Source.Order);
        bool server = all.Any(s => s.Source.Text.Contains("mount.nfs", StringComparison.Ordinal) || s.Source.Text
            .Contains("/run/net-", StringComparison.Ordinal));
        string why = (server && network is not null ? $"The root is on the network, and before: {network.Means} " : "") +
            WhyNotFound(about, reason, noDriver, mapper, luks, storage.Length > 0);
        BlockId[] listed = IdsBeside(about, named, facts);
        BlockId? there = listed.FirstOrDefault(b => b.Uuid.StartsWith(IdOf(about), StringComparison.OrdinalIgnoreCase));
        string devices = RootNotFound.Few([.. listed.Select(b => b.Type.Length > 0 ? $"{b.Device} ({b.Type})" : b.Device).Distinct()]);
        if (there is not null)
            why = $"blkid, which ran later, lists it on {there.Device}: the disk is there, and came too late for the one who waited.";
        else if (listed.Length > 0)
            why += $" blkid lists {devices}, and none of them has this id: " +
                "if the root is among them, its file system was made anew or copied and root= names the old one; else its disk is missing.";
        // A hook that waits for a device does not say what the device is for.
        bool unsure = all.Length == 0 && about.Length > 0 && !RootNotFound.IsRootItself(about) &&
            AskedDevice.Of(about, named.Boot, facts) is null;
        if (unsure)
            why += " dracut waits so for the root, for a swap volume that resume= names, and for the place where a dump is to be saved; " +
                "no line tells which this is.";
        if (locked is not null && locked.Source.Plain.Contains("LUKS UUID ", StringComparison.Ordinal))
            why = "dracut looked for the encrypted volume (LUKS) that the command line names and did not find it: " +
                "no passphrase was asked, and nothing that is inside of it exists. " +
                "Its disk was missing or late, or rd.luks.uuid= names another volume.";
        TroubleLines? before = storage.Length > 0 || there is not null ? null : StorageBefore.Of(named.Source, named.Boot, facts);
        Source? kernel = reason.Length > 0 ? StorageBefore.FileSystem(named.Source, named.Boot, facts) : null;
        if (kernel is not null)
            why += $" The kernel said why: \"{WordsBefore.Said(kernel)}\".";
        why += StorageBefore.Tell(before) + ended;
        return new Finding(RootNotFound.Name, unsure ? $"the initramfs waits in vain for a device: {about} did not appear"
            : "the machine did not find its root file system" + about.Length switch
            {
                0 => "",
                _ when noDriver || notMounted => $": {about} could not be mounted",
                _ => $": {about} did not appear",
            } +
                (before is null ? "" : $", after {before.Speaker.Name} had reported {TroubleWords.Tell(before.Words)}"),
            Severity.Critical, 0.9, why + (locked is null || why.Contains("encrypted", StringComparison.Ordinal) ? ""
                : " An encrypted volume (LUKS) was not opened before: the root may be inside it."))
        {
            Subject = about.Length > 0 ? about : null,
            Evidence = [.. new[] { before?.Source, kernel }.Known(), .. gaveUp.Select(s => s.Source).DistinctBy(s => s.Text).Take(4),
                .. new[] { locked?.Source, waits
                .FirstOrDefault(w => w.Device == about)?.Source }.Known().Where(s => gaveUp.All(g => g.Source.Line != s.Line)),
                .. (there is not null ? new[] { there } : listed).Take(3).Select(b => b.Source)],
            CausedBy = [.. storage, "driver-missing-in-image", "multipath-path-failed", "raid-failed", "thin-pool-full", "volume-damaged",
                "initramfs-unpack-failed", "filesystem-not-mounted", "filesystem-damaged", "filesystem-io-error",
                .. noDriver && TypeOf(reason) is { } type ? [new FindingRef("module-refused", type)] : Array.Empty<FindingRef>()],
            Explains = ["kernel-panic"],
            Fixes = [.. server && network is not null ? DumpServices.Fitting(network, DumpService.Unknown) : [], .. report
                ? new[] { new Fix("From its shell: read the report that it wrote, the end first",
                "tail -60 /run/initramfs/rdsosreport.txt; cat /proc/cmdline; blkid") } : [], .. about switch
            {
                "/dev/gpt-auto-root" or "/dev/disk/by-designator/root" =>
                    [new("Name the root on the command line (root=UUID=…, from blkid), " +
                    "or give its partition the GPT type of a root", "blkid; lsblk -o NAME,PARTTYPENAME,UUID; cat /proc/cmdline")],
                "/dev/root" or "/dev/mapper/live-rw" => [new("From a stick or disc: check that a medium has the label " +
                    "that the command line names (CDLABEL=, LABEL=; a blank is \\x20), and correct it in the boot menu",
                    "cat /proc/cmdline; blkid"),
                    new("From the network: check in the shell whether the network is up and the image can be fetched",
                    "ip -br addr; cat /proc/cmdline; journalctl | tail -50"),
                    new("Boot with rd.debug and rd.shell to log each step; add the network card's driver and ip=dhcp rd.neednet=1")],
                _ when notMounted && there is null => [new("In the shell: what lies on it, and what did the kernel say when it was " +
                    "mounted?", "dmesg | tail -20; blkid; lsblk -f"),
                    new("Repair or mount it from a rescue system, without a change at first")],
                _ => OnDisk(mapper),
            }],
        };
    }

    /// <summary>
    /// systemd tells right beside the missing root which check of a file system could not be made: in an initramfs that is the root's.
    /// </summary>
    private static string CheckedBeside(RootSign named, Facts facts)
    {
        const int Near = 8;
        const string Check = "file system check on ";
        foreach (DependencyFailed failed in facts.Of<DependencyFailed>().Where(d => d.Boot == named.Boot &&
            d.Source.Input == named.Source.Input && Math.Abs(d.Source.Line - named.Source.Line) <= Near))
        {
            if (failed.What.StartsWith(Check, StringComparison.OrdinalIgnoreCase) && failed.What[Check.Length..].Trim() is ['/', ..] device)
                return device;
        }
        return "";
    }

    /// <summary>Programs of the initramfs that were ended by a signal before: a sentence, or empty.</summary>
    private static string Ended(RootSign named, Facts facts) => facts.Of<PastedTrouble>().FirstOrDefault(p => p.Ended &&
        p.Source.Input == named.Source.Input && p.Source.Line < named.Source.Line) is { } p
        ? $" Before that a program was ended (\"{Printable.Escape(p.Source.Plain.Trim())}\"): " +
            "where that comes from reading the initramfs or a disk, " +
            "the image, the memory or the disk is at fault, and what did not come may follow from it."
        : "";

    private static string IdOf(string about)
    {
        if (about.Contains("/by-uuid/", StringComparison.Ordinal))
            return about[(about.LastIndexOf('/') + 1)..];
        return about.StartsWith("UUID=", StringComparison.Ordinal) ? about["UUID=".Length..] : "";
    }

    /// <summary>What blkid lists beside a root that is looked for by its id.</summary>
    private static BlockId[] IdsBeside(string about, RootSign named, Facts facts) => IdOf(about).Length == 0 ? []
        : [.. facts.Of<BlockId>().Where(b => b.Source.Input == named.Source.Input)];

    /// <summary><c>erofs</c> of <c>unknown filesystem type 'erofs'</c>.</summary>
    private static string? TypeOf(string reason)
    {
        int at = reason.IndexOf("filesystem type '", StringComparison.Ordinal);
        string rest = at < 0 ? "" : reason[(at + "filesystem type '".Length)..];
        return rest.IndexOf('\'') is > 0 and var end ? rest[..end] : null;
    }

    /// <summary>Words of mount about a device that is there.</summary>
    private static readonly string[] There = ["wrong fs type", "Structure needs cleaning", "Device or resource busy", "Read-only"];

    /// <summary>mount's words → what they mean for a root file system.</summary>
    private static readonly (string Word, string Means)[] Reasons =
    [
        ("Device or resource busy",
            "something else holds it: it is mounted already, or a program of the initramfs " +
            "(LVM, mdadm, a scan of ZFS volumes) has it open. A race: the next start, or a second try, often succeeds."),
        ("Structure needs cleaning", "the file system is damaged and needs a repair from a rescue system."),
        ("Input/output error", "the disk could not be read."),
        ("wrong fs type", "what lies there is another file system than meant, it is damaged, or its driver is not in the initramfs."),
        ("Invalid argument", "the file system there is of another type, is damaged, or does not take the mount options."),
        ("Read-only", "it may not be written; its journal could not be replayed."),
        ("Protocol not supported", "the initramfs lacks what NFS needs " +
            "(the module of its version or /etc/protocols and /etc/netconfig), or the server does not speak that version."),
        ("access denied by server", "the server's export does not allow this address."),
        ("timed out", "the server did not answer: no network yet, a firewall, or a wrong address."),
        ("No route to host", "there is no way to the server."),
        ("Network is unreachable", "the network is not up."),
        ("Connection refused", "the machine answered, and no such service listens there."),
    ];

    /// <summary><c>2016-03-22-19-42-00</c>: the date of an ISO 9660 file system, which is all it has for a UUID.</summary>
    private static bool IsIsoDate(string device) => device.Length > 19 && device[^19..] is var date &&
        date.AsSpan().IndexOfAnyExcept("0123456789-") < 0 && date[4] == '-' && date[7] == '-' && date[10] == '-' && date[13] == '-';

    private static string WhyNotFound(string about, string reason, bool noDriver, bool mapper, bool luks, bool driverFailed)
    {
        if (IsIsoDate(about))
            return "That name is the date of an ISO 9660 file system: a live or installation medium (DVD, USB stick, virtual CD). " +
                "The medium was taken out or cannot be read, its driver is missing, " +
                "it was written with a tool that changes it, or the kernel lacks what joins it with memory (overlay, aufs).";
        if (about is "/dev/gpt-auto-root" or "/dev/disk/by-designator/root")
            return "No root= names it, so systemd looks for a root partition by its GPT type " +
                "(discoverable partitions) on the disk from which the boot loader came, and found none: " +
                "the loader did not tell its disk, the partition has another type, or the disk's driver is missing.";
        if (about is "/dev/root" or "/dev/mapper/live-rw")
            return "dracut's hooks create that name once the root is available: for a live or network root (root=live:…, netroot=, " +
                "rd.live.image; an installer: inst.stage2=, inst.repo=) after its image was downloaded or found. " +
                "The network did not come up, the image was not found (no medium has the label that is named), " +
                "or the driver of its medium is missing.";
        if (noDriver)
            return $"mount says \"{reason}\": the device exists, but the kernel has no driver for its file system type. " +
                "The module is not in the initramfs, or was not loaded (a module that it needs is not there), " +
                "or the initramfs is for a different kernel than the running one.";
        if (reason.Contains("no filesystem type specified", StringComparison.Ordinal))
            return "The initramfs knew no root device " +
                "(root= is missing, or of a kind, such as ZFS, whose hook is not in it), so mount had nothing to mount.";
        if (Array.Find(Reasons, r => reason.Contains(r.Word, StringComparison.Ordinal)) is { Word: not null } known)
            return $"mount says \"{reason.TrimEnd('.')}\": {known.Means}";
        if (mapper && !luks && AwaitedDevice.VolumeOf(about) is null)
            return "It is a name of the device mapper (LUKS, multipath, a mapping of one's own): what lies below it was not found, " +
                "not opened or not put together; or it is there, and what is on it could not be mounted (the lines before tell).";
        if (mapper && !luks)
            return "It is a logical volume: " +
                "either its volume group was not activated (the disk below it was not found: its driver is not in the initramfs or " +
                "failed; a LUKS volume below it is not unlocked; or a thin pool's metadata needs repair), or its name changed.";
        if (luks)
            return "It is an encrypted volume: it was not unlocked, or the disk below it was not found.";
        return driverFailed ? "A storage driver failed during the same boot."
            : "The initramfs ran and did not find it: the disk's driver is not in the initramfs or failed, " +
                "the disk appeared too late or not at all, or the name on the command line is wrong.";
    }

    private static Fix[] OnDisk(bool mapper) => mapper
                ? [new("In the shell, check whether the physical volumes exist; then activate the group by hand",
                    "lvm pvs; lvm vgs; lvm vgchange -ay"),
                    new("If the disk is missing, read the kernel's messages about it and add its driver to the initramfs",
                        "dmesg | tail -50"),
                    new("If a thin pool does not activate", "lvm lvconvert --repair VG/POOL", "back up the data first"),
                    new("If that works, add what is needed to the command line (rd.lvm.lv=, rd.luks.uuid=) and rebuild the initramfs")]
                : [new("In the shell, check whether the disk exists, and under which name",
                    "blkid; cat /proc/partitions; cat /proc/cmdline"),
                    new("If the disk is missing, read the kernel's messages about it and add its driver to the initramfs",
                        "dmesg | tail -50"),
                    new("If it appears late: rootdelay=30 (initramfs-tools) or rd.retry=180 (dracut); " +
                        "if its name changed: correct root= and /etc/fstab and rebuild the initramfs")];
}
