using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>What the initramfs waited for in vain is not, or need not be, the root file system.</summary>
internal static class NotTheRoot
{
    /// <summary>
    /// The volume that cryptsetup was to unlock on a device that did not come, while no line says that the root was given up: it
    /// may be another volume, which the initramfs unlocks as well. Null in other cases.
    /// </summary>
    public static string? OfEncrypted(RootSign[] gaveUp)
    {
        const string Source = "encrypted source device ", Unlock = "can't unlock ";
        if (!gaveUp.Where(s => s.About.Length > 0).All(s => s.Source.Text.Contains(Source, StringComparison.Ordinal)) ||
            gaveUp.Any(s => s.Source.Text.Contains("root file", StringComparison.OrdinalIgnoreCase)))
            return null;
        string? text = gaveUp.Select(s => s.Source.Text).FirstOrDefault(t => t.Contains(Unlock, StringComparison.Ordinal));
        return text is null ? null : text[(text.IndexOf(Unlock, StringComparison.Ordinal) + Unlock.Length)..].Split(' ')[0].Trim('.', '\'');
    }

    public static Finding Encrypted(string volume, RootSign[] gaveUp, string ended)
    {
        RootSign sign = gaveUp.First(s => s.About.Length > 0);
        bool swap = volume.Contains("swap", StringComparison.OrdinalIgnoreCase);
        return new Finding(RootNotFound.Name, $"the initramfs did not find {sign.About}, the device of the encrypted volume {volume}",
            Severity.Critical, 0.9, (swap ? "By its name the volume is swap, which the initramfs unlocks for the sake of hibernation: " +
            "no line tells of the root. " : "The root may be in this volume. ") + "The disk is not there, or crypttab (in the initramfs) " +
            "names it by an id that is no more: swap that is formatted at each start gets a new one." + ended)
        {
            Subject = sign.About,
            Evidence = [.. gaveUp.Select(s => s.Source).DistinctBy(s => s.Text).Take(3)],
            CausedBy = ["driver-probe-failed", "driver-missing-in-image", "raid-failed"],
            Fixes =
            [
                new Fix("In its shell: is the device there, and what does the initramfs take it for?",
                    "blkid; cat /proc/partitions /proc/cmdline /cryptroot/crypttab; dmesg | tail -50"),
                new Fix(swap ? "If only swap is missing: " +
                    $"take {volume} out of /etc/crypttab and /etc/fstab (and RESUME= of the initramfs), " +
                    "or correct its id" : $"Correct the id of {volume} in /etc/crypttab", "blkid -t TYPE=crypto_LUKS; " +
                    "grep -v '^#' /etc/crypttab; update-initramfs -u -k all"),
            ],
        };
    }

    /// <summary>initramfs-tools found the root and mounts /usr as well, which has a device of its own.</summary>
    public static Finding Usr(string device, RootSign[] gaveUp, string ended)
    {
        bool volume = device.StartsWith("/dev/mapper/", StringComparison.Ordinal);
        return new Finding(RootNotFound.Name, $"the initramfs did not find the device of /usr: {device} did not appear", Severity.Critical,
            0.9, "The root was found: /etc/fstab on it names this device for /usr, and the initramfs mounts both. " + (volume
                ? "A logical volume must be activated first; the scripts of some versions activate only the volumes of the root and of " +
                    "resume=, not this one."
                : "The disk is not there, or /etc/fstab names it by an id that is no more.") + ended)
        {
            Subject = device,
            Evidence = [.. gaveUp.Select(s => s.Source).DistinctBy(s => s.Text).Take(3)],
            CausedBy = ["driver-probe-failed", "driver-missing-in-image", "raid-failed", "volume-not-activated"],
            Fixes =
            [
                new Fix(volume ? "In its shell: activate all volumes and go on" : "In its shell: see whether the device is there",
                    volume ? "lvm vgchange -ay; exit" : "blkid; cat /proc/partitions"),
                new Fix("Then update the initramfs and its LVM scripts, or have /usr on the root file system",
                    "apt install --reinstall lvm2 initramfs-tools; update-initramfs -u -k all"),
            ],
        };
    }

    /// <summary>A finding if everything that did not come is asked for by parameters of the command line other than root=.</summary>
    public static Finding? Asked(string about, RootSign[] gaveUp, Facts facts)
    {
        string[] names = [.. gaveUp.Select(s => s.About).Append(about).Where(n => n.Length > 0).Distinct(StringComparer.Ordinal)];
        AskedDevice?[] asked = [.. names.Select(n => AskedDevice.Of(n, gaveUp[0].Boot, facts))];
        if (asked.Length == 0 || Array.Exists(asked, a => a is null || a.IsRoot))
            return null;
        AskedDevice first = asked[0]!;
        bool swap = first.Parameter.StartsWith("resume=", StringComparison.Ordinal);
        return new Finding(RootNotFound.Name,
            $"the initramfs waits in vain for {names[0]}, which {first.Parameter} on the command line asks for",
            Severity.Critical, 0.9,
                "It is not the root file system, which another parameter names: no line says that the root is missing. " +
            (swap ? "The swap volume that should hold an image of hibernation does not exist under this name."
                : "The volume was removed, renamed or never made, or its disk is not there; dracut does not go on without it.") +
            " Without the parameter the machine starts.")
        {
            Subject = names[0],
            Evidence = [.. gaveUp.Select(s => s.Source).DistinctBy(s => s.Text).Take(3), first.Source],
            CausedBy = ["driver-probe-failed", "volume-not-activated"],
            Fixes =
            [
                new Fix($"Take {first.Parameter} off the command line: once in the boot menu (e), then for good",
                    $"grubby --update-kernel=ALL --remove-args='{first.Parameter}'   # or /etc/default/grub, " +
                        "then grub2-mkconfig or update-grub"),
                new Fix("In its shell: does the volume exist, under which name?", "lvm lvs; blkid; cat /proc/cmdline"),
            ],
        };
    }
}
