using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Reports;

/// <summary>Words of file names that every system has: they tell of no machine, person or place.</summary>
internal static class HarmlessNames
{
    private static readonly HashSet<string> Words = [.. """
        a b acpi aer agent all amd amd64 apport arm64 auth backup bad bert biosdecode blk blkid block blocks bmc board boot boots
        bpf bug bus buddyinfo bundle by case cases cat cgroup cgroups check class cmd cmdline collect collection conf config console
        core cores cpu cpuinfo cpus crash crashes crypttab current d daemon data date default dev device devices df diag diagnostics
        diskstats disk disks display dmesg dmi dmidecode docs dracut dump dumps edac efi enabled env erst error errors etc ethtool
        event events export fail failed failure fatal files filesystem filesystems firmware first flat free fs fstab ftrace good
        group grub hardware hist history home host hostname hotplug hwmon id image images info init initramfs initrd input inputs
        install interrupts iomem iommu ioports ipmi ipmitool irq irqs journal journalctl journald kcore kdump kern kernel kernels
        kexec keys kmsg ko kvm lab last latest ldd lib lib64 libs list loaded loadavg locale log logs lsblk lscpu lshw lsinitrd
        lsmod lspci lsscsi lsusb lvm machine machines mapper mapping mce mcelog md mdstat media mem meminfo memory messages minicom
        mm mnt mod modinfo modprobe module modules mount mounted mounts msi mtab net netconsole netstat network node nodes nvme oem
        oops opt os osrelease output panic parameters partitions part parts pci pcie pid plain power proc processes ps pstore
        ramoops rasdaemon readme release release report reports reserved rhel root rules run running sa saved sbin scsi sda sdb sdc
        sel sensors serial service services session settings share slab slabinfo smart smartctl soft softirqs sos sosreport src srv
        stack stat state status std storage sub summary swap swaps symbols sys sysconfig sysctl sysfs syslog sysrq system systemd
        table tables task tasks test text time timer tmp trace traces tracing tree tty ubuntu udev uevent uname update uptime usb
        user usr v var version vga virtio vmallocinfo vmcore vmlinux vmlinuz vmstat warn whole x x86 xen xorg zoneinfo
        """.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries)];

    private static readonly HashSet<string> Endings = [.. """
        1 2 3 4 5 6 7 8 9 7z bz2 conf config core crash cpio csv dmesg dump enc err flat gz html img json kdump ko log lz4 lzo md
        out pcap rar service tar tgz tmp txt xz yaml zip zst zstd
        """.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries)];

    /// <summary>With a number behind them they are names that a site gives: node12.</summary>
    private static readonly HashSet<string> Counted = ["host", "node", "nodes", "machine", "machines", "system", "user", "home", "lab",
        "b", "a", "d", "x", "v", "r", "sa", "test", "bus", "board", "core"];

    /// <summary>True if each word of a part of a path is a number or stands in the list.</summary>
    public static bool Has(string part)
    {
        bool harmless = true;
        WordByWord.Of(part, "", word =>
        {
            string letters = word.Trim('0', '1', '2', '3', '4', '5', '6', '7', '8', '9').ToLowerInvariant();
            int digits = word.Length - letters.Length;
            // A long number may be a serial.
            if (letters.Length == 0)
                harmless &= digits <= 8;
            else
                harmless &= Endings.Contains(word) ||
                    (Words.Contains(letters) && (digits == 0 || (digits <= 4 && !Counted.Contains(letters))));
            return word;
        });
        return harmless;
    }

    public static bool IsEnding(string ending) => Endings.Contains(ending.ToLowerInvariant());
}
