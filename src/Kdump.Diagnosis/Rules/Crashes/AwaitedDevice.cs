using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>What a device that did not appear is, by its name and by what waited for it, and how much depends on it.</summary>
/// <param name="Title">That it is not there, in the words that fit it.</param>
/// <param name="Why">What that means for the start.</param>
/// <param name="Goes">The start goes on without it.</param>
/// <param name="Fixes">What to compare and where to correct it.</param>
internal sealed record AwaitedDevice(string Title, string Why, bool Goes, Fix[] Fixes)
{
    private static readonly string[] Terminals = ["tty", "hvc", "sclp", "console", "3270", "xvc", "usbmon", "ttyUSB"];

    private static readonly Fix[] Fstab =
    [
        new("Is the name in /etc/fstab still right?", "blkid; grep -v '^#' /etc/fstab"),
        new("If the machine can start without it, say so in /etc/fstab: nofail,x-systemd.device-timeout=30s"),
    ];

    private static readonly Fix[] Image =
    [
        new("In its shell: is the device there, under which name, and which unit of the initramfs asks for it?",
            "blkid; ls -l /dev/disk/by-*; grep -rl 'What=' /etc/systemd/system /usr/lib/systemd/system; cat /proc/cmdline"),
    ];

    /// <summary>What cryptsetup, multipath and nbd call their devices in /dev/mapper.</summary>
    private static readonly string[] NoVolumes = ["luks-", "mpath", "nbd"];

    /// <summary>Folders of /dev that are no volume groups.</summary>
    private static readonly string[] NoGroups = ["disk", "disks", "mapper", "md", "block", "virtio-ports", "dri", "cciss", "ida", "rd",
        "i2o", "zvol", "nbd", "rbd", "drbd", "input", "snd", "serial", "bus", "char", "cpu", "dm", "discs", "ide", "scsi", "loop", "mtd",
        "ubi", "bsg", "pts", "shm", "net", "usb", "vfio", "dma_heap", "fd", "floppy", "mqueue", "hugepages", "infiniband",
        "bcache"];

    private const string Cancelled = "systemd waited for it (90 s unless told otherwise) and cancelled everything that depends on it.";

    private const string OfFstab = Cancelled + " For a file system of /etc/fstab without nofail the boot ends in emergency mode.";

    public static AwaitedDevice Of(DeviceWait wait, IReadOnlyList<DependencyFailed> needed)
    {
        string device = wait.Device, name = device[(device.LastIndexOf('/') + 1)..];
        if (OfName(device, name, needed) is { } known)
            return known;
        DependencyFailed? early = needed.FirstOrDefault(n => n.What.Contains("in initramfs", StringComparison.Ordinal) ||
            n.What.StartsWith("/sysroot/", StringComparison.Ordinal) || n.What.StartsWith("Initrd ", StringComparison.Ordinal));
        bool resume = Any(needed, "Resume from hibernation"), swap = resume || Any(needed, "Swap") ||
            name.Contains("swap", StringComparison.OrdinalIgnoreCase);
        if (resume)
        {
            return new($"{device}, the swap to resume from, did not appear in time",
                "resume= on the command line (or in the image) names it. The start waits for it, then goes on as from cold. " +
                "The swap was removed or has another name, or the initramfs does not activate its volume.", true,
                [new Fix("Compare resume= with the existing swap, then correct or drop it, and build the image again",
                    "cat /proc/cmdline; swapon --show; blkid -t TYPE=swap; dracut -f || update-initramfs -u")]);
        }
        if (swap)
        {
            return new($"{device}, a swap, did not appear in time", Cancelled + " A swap of /etc/fstab that is not there costs the wait, " +
                "and the machine then starts without it.", true,
                [new Fix("Correct or drop its line in /etc/fstab", "blkid -t TYPE=swap; grep swap /etc/fstab")]);
        }
        if (name.StartsWith("luks-", StringComparison.Ordinal) || needed.Any(n => n.What.StartsWith("Cryptography Setup",
            StringComparison.OrdinalIgnoreCase)))
        {
            return new($"{device} did not appear in time", Cancelled + " It belongs to an encrypted volume (LUKS): " +
                "the disk below did not come, or nothing opened it (passphrase, key, rd.luks.uuid=, crypttab).", false,
                [new Fix("Check whether the encrypted partition exists, and which setting should open it",
                    "blkid -t TYPE=crypto_LUKS; grep -v '^#' /etc/crypttab; cat /proc/cmdline")]);
        }
        return early is not null
            ? new($"{device} did not appear in time", Cancelled + " It is the initramfs that waits for it " +
                $"({early.What}), by a unit of its own or by what the command line or the image's copy of fstab names: " +
                "the device is not there, has another name, or its driver is not in the image.", false, Image)
            : new($"{device} did not appear in time", OfFstab + Mapped(device) + (VolumeOf(device) is null ? ""
                : " Its name is that of a logical volume: its group may be incomplete or not activated."), false, Fstab);
    }

    private static string Mapped(string device) =>
        device.StartsWith("/dev/mapper/", StringComparison.Ordinal) && !device.Contains('-') ?
            " A name in /dev/mapper is there only once its volume was opened: encrypted (LUKS, crypttab), checked by checksums (verity), " +
            "a logical volume or a multipath. So the question is why that failed: the disk below it, or its module or tool in the image."
            : "";

    /// <summary>What the name alone tells.</summary>
    private static AwaitedDevice? OfName(string device, string name, IReadOnlyList<DependencyFailed> needed)
    {
        if (device is "/dev/disk/by-uuid" or "/dev/disk/by-label" or "/dev/disk/by-partuuid" or "/dev/disk/by-partlabel" or
            "/dev/disk/by-id" or "/dev/disk/by-path")
        {
            string kind = name["by-".Length..].ToUpperInvariant();
            string? mount = needed.FirstOrDefault(n => n.What.StartsWith('/'))?.What;
            return new($"an entry of /etc/fstab{(mount is null ? "" : $" ({mount})")} names {device} and no device in it: " +
                $"its {kind} is missing", "The name ends with the folder: " +
                $"an entry {kind}= without a value, as an installer writes it that did not know it. {OfFstab}", false,
                [new Fix($"Write the {kind} of the right partition into that entry", "blkid; grep -nE 'UUID=|LABEL=|by-' /etc/fstab")]);
        }
        if (Any(needed, "Serial Getty") || (device.StartsWith("/dev/", StringComparison.Ordinal) && device.LastIndexOf('/') == 4 &&
            Terminals.Any(t => name.StartsWith(t, StringComparison.Ordinal))))
        {
            return new($"terminal {device} did not appear, so nobody can log in there",
                "It is a serial or console login. " +
                "The kernel has no such line (console= names one that the machine or its kernel does not have), " +
                "or udev does not announce it. The start goes on without it.", true,
                [new Fix("Which lines are there, and which does the command line name?",
                    "cat /proc/consoles /proc/cmdline; ls /dev/tty*")]);
        }
        if (device.StartsWith("/dev/virtio-ports/", StringComparison.Ordinal))
        {
            return new($"the guest's channel {name} is not there", "The hypervisor gives this guest no such port; " +
                "its agent waits for it and is not started. The guest itself starts.", true,
                [new Fix("Add the channel to the guest's definition, or switch the agent off", "ls /dev/virtio-ports; " +
                    "systemctl disable qemu-guest-agent")]);
        }
        if (device.StartsWith("/sys/subsystem/net/devices/", StringComparison.Ordinal))
        {
            return new($"network interface {name} did not appear in time",
                "Something asks for it by that name: the card has another name now " +
                "(predictable names, another slot or firmware), its driver is not loaded, or the card is gone.", true,
                [new Fix("Which interfaces are there, and who asks for that one?",
                    "ip -br link; systemctl list-dependencies --reverse sys-subsystem-net-devices-NAME.device")]);
        }
        if (name.StartsWith("zram", StringComparison.Ordinal))
        {
            return new($"{device}, compressed swap in memory, did not appear",
                "The kernel has no module zram for it (another kernel than the installed one runs, or it was built without). " +
                "The machine starts without that swap.", true,
                [new Fix("Is the module there for the running kernel?", "modinfo zram; uname -r; ls /lib/modules")]);
        }
        return name.StartsWith("tpm", StringComparison.Ordinal)
            ? new($"{device} did not appear in time", "The TPM has no driver in this image or is switched off in the firmware; " +
                "what is sealed to it (LUKS) is not opened by itself.", true,
                [new Fix("Is there a TPM, and which driver has it?", "ls /sys/class/tpm; dmesg | grep -i tpm")])
            : null;
    }

    private static bool Any(IReadOnlyList<DependencyFailed> needed, string start) =>
        needed.Any(n => n.What.StartsWith(start, StringComparison.Ordinal));

    /// <summary>
    /// VG/LV of <c>/dev/mapper/VG-LV</c> (device-mapper doubles dashes that are part of a name) or of <c>/dev/VG/LV</c>; null for devices
    /// of other kinds.
    /// </summary>
    internal static string? VolumeOf(string device)
    {
        const string Mapper = "/dev/mapper/";
        if (device.StartsWith(Mapper, StringComparison.Ordinal))
        {
            if (NoVolumes.Any(n => device.AsSpan(Mapper.Length).StartsWith(n, StringComparison.Ordinal)) ||
                device.Contains("-part", StringComparison.Ordinal))
                return null;
            string[] names = device[Mapper.Length..].Replace("--", "\0", StringComparison.Ordinal).Split('-');
            return names is [{ Length: > 0 } group, { Length: > 0 } volume]
                ? $"{group}/{volume}".Replace('\0', '-') : null;
        }
        string[] parts = device.Split('/');
        // The name of a volume is a name of words: a UUID is that of a file system or a partition.
        return parts.Length == 4 && parts[1] == "dev" && !NoGroups.Contains(parts[2]) && !Guid.TryParseExact(parts[3], "D", out _)
            ? $"{parts[2]}/{parts[3]}" : null;
    }
}
