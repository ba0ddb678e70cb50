namespace Kdump.Diagnosis.Text;

/// <summary>Texts that are frequent in kernel logs: the search uses the rarer parts of a text.</summary>
internal static class FrequentText
{
    private const int Key = 4;

    /// <summary>The most frequent words in the logs of fixtures/healthy and in crash reports.</summary>
    private const string Words =
        " mem pci bus ACPI: for PCI type device registered usb USB memory reserved input table system window Registered resource systemd " +
        "bytes driver max bridge BIOS from found class enabled node entries reg bit hash hcd version order kernel irq audit with hub new " +
        "not using pages devices init has CPU been root drm initialized size PNP disabled IRQ acpi DMA link xhci Product detected ata " +
        "port Controller PME supported pid mode base SerialNumber cpu Reserving Kernel cache mask platform thermal Host iommu host " +
        "Interrupt zone linear data CPUs number BAR apparmor clocksource Device sda interface protocol Linux System pref reserve dev " +
        "family loaded usable hot domain Starting Using group generic profile File high Adding Bluetooth name rcu idle buffer default " +
        "intel Intel NET setup state cold comm sys service RAM Load core configured usbcore failed fpu scsi rtc ehci RCU hibernation " +
        "assigned read ahci idVendor idProduct strings ports level power SATA target page socket ranges supports pcie tsc DMAR SMP " +
        "Freeing module Plug Driver parser support Key Manufacturer Found write governor operation LAPIC clock active available Module " +
        "Link Listening line pcieport unconfined configuration UDMA APIC Added AMD IRQs user fed enabling Initializing Spectre IPv4 IPv6 " +
        "loop eth0: Loaded address evm HID nvme edge Enabled info sound res console PCIe Reached feature space cgroup slice Finished " +
        "registers skipped boot Root security TCP: addr allocated XSAVE AppArmor serio Socket Supporting smpboot check MSI used lib hpet " +
        "bind modprobe unit successfully speed efi could scheduler Detected offset controller arch entered delay NetLabel layer MHz " +
        "iwlwifi timer KiB SCSI auid ses interrupt Play Console map only was random event firmware Created image blocking blocked state " +
        "forwarding promiscuous mounted filesystem ordered EXT4-fs XFS BTRFS denied allowed responding trying request plugged " +
        "Hardware name: Comm: tainted Not tainted Call Trace: RIP: 0010: RSP: 0018: EFLAGS: Code: entry_SYSCALL_64_after_hwframe " +
        "do_syscall_64 ret_from_fork kthread Modules linked in: ---[ end trace kasan kmem_cache_alloc task workqueue worker Freed by " +
        "Allocated by process_one_work asm_exc dump_stack Workqueue: events ";

    private static readonly HashSet<ulong> Keys = KeysOf(Words);

    /// <summary>A higher value means that these four characters are rarer.</summary>
    public static int Rarity(ReadOnlySpan<char> key)
    {
        int rarity = 0;
        foreach (char c in key)
            rarity += c switch
            {
                ' ' or 'e' or 'i' or 'o' or 't' or 'a' or 'n' or 'r' or 's' => 0,
                'd' or 'l' or 'c' or 'u' or 'm' or 'p' or 'f' or 'g' or 'h' or 'v' or ':' or '.' or '0' => 1,
                >= 'a' and <= 'z' => 2,
                _ => 3,
            };
        return Keys.Contains(KeyOf(key)) ? rarity - 16 : rarity;
    }

    public static ulong KeyOf(ReadOnlySpan<char> text) =>
        text[0] | ((ulong)text[1] << 16) | ((ulong)text[2] << 32) | ((ulong)text[3] << 48);

    private static HashSet<ulong> KeysOf(string words)
    {
        var keys = new HashSet<ulong>(4096);
        for (int i = 0; i + Key <= words.Length; i++)
            keys.Add(KeyOf(words.AsSpan(i, Key)));
        return keys;
    }
}
