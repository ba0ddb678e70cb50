namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>
/// Kernel parameters that tell of no place, person or secret, whatever their value is of: how much memory, how many processors, on or off.
/// Documentation/admin-guide/kernel-parameters.txt; any other parameter may hold a password, an address or a name.
/// </summary>
public static class HarmlessParameters
{
    private static readonly HashSet<string> Names = [.. """
        acpi acpi_irq_nobalance acpi_no_memhotplug acpi_osi amd_iommu amd_pstate apparmor audit biosdevname cgroup_disable cgroup_enable
        clocksource console crashkernel debug debug_pagealloc default_hugepagesz disable_cpu_apicid edac_report efi elevator enforcing fadump
        gather_data_sampling hpet hugepages hugepagesz hung_task_panic i8042.noaux i8042.nomux i915.enable_psr idle ignore_loglevel
        init_on_alloc init_on_free initcall_debug intel_idle.max_cstate intel_iommu intel_pstate intremap iommu iommu.passthrough iommu.strict
        ipv6.disable irqaffinity irqpoll isolcpus kaslr kpti kvm.nx_huge_pages kvm_amd.nested kvm_intel.nested l1tf log_buf_len loglevel lsm
        maxcpus mce mds mem mem_sleep_default memmap mitigations module.sig_enforce modprobe.blacklist module_blacklist net.ifnames nmi_watchdog no_timer_check
        noapic nohpet nohz nohz_full nokaslr nolapic nomodeset nopti noreplace-smp noresume nosmap nosmep nosmp nosmt nosoftlockup nospec_store_bypass_disable
        nospectre_v1 nospectre_v2 nowatchdog nox2apic noxsave nr_cpus numa numa_balancing nvme_core.default_ps_max_latency_us nvme_core.io_timeout
        oops page_poison panic panic_on_oops panic_on_warn pci pcie_aspm pcie_ports pcie_port_pm possible_cpus preempt printk.devkmsg processor.max_cstate psi pti
        quiet randomize_kstack_offset rcu_nocbs rcupdate.rcu_cpu_stall_timeout reboot reset_devices retbleed rhgb ro rw scsi_mod.use_blk_mq selinux
        showopts skew_tick slab_nomerge slub_debug smt softlockup_panic spec_rstack_overflow spec_store_bypass_disable spectre_v2 splash srbds
        swapaccount swiotlb systemd.unified_cgroup_hierarchy sysrq_always_enabled threadirqs transparent_hugepage tsc tsx tsx_async_abort udev.children-max
        unknown_nmi_panic usbcore.autosuspend usbcore.nousb vsyscall watchdog x2apic zswap.enabled
        """.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries)];

    /// <summary>Words of values.</summary>
    private static readonly HashSet<string> Values = [.. """
        on off auto yes no y n true false force forced pt strict lazy soft full nosmt permissive enforcing disable disabled enable enabled active
        passive guided always never madvise advise none native performance powersave ondemand schedutil default high low all domain
        managed_irq nohz tty0 ttyS0 ttyS1 ttyS2 ttyAMA0 hvc0 tty1 115200 115200n8 9600n8 deadline noop mq-deadline kyber bfq bios acpi efi
        kbd pci triple warm cold panic noaer nomsi noacpi realloc nocrs routeirq assign-busses pcie_bus_safe pcie_bus_perf hpet tsc
        acpi_pm jiffies poll halt nomwait memory ibpb retpoline eibrs prctl seccomp unstable reliable emulate xonly skip_ioapic_setup
        runtime nobp old_map noruntime flush mmio nocompat fullflush merge usedac biomerge noagp noforce sm_on sm_off igfx_off pgtbl_v1 pgtbl_v2
        lockdown yama integrity apparmor selinux bpf landlock capability safesetid loadpin smack tomoyo
        """.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries)];

    /// <summary>Digits of a number: a longer one may be a serial.</summary>
    private const int MaxDigits = 8;

    /// <summary>True if this word of a command line tells of nothing but the machine's kind and settings.</summary>
    public static bool Has(string word)
    {
        int equal = word.IndexOf('=', StringComparison.Ordinal);
        if (!Names.Contains(equal < 0 ? word : word[..equal]))
            return false;
        foreach (string part in equal < 0 ? [] : word[(equal + 1)..].Split([',', ':', '@', '-', '!', '^', '+', '$', '&', ';', '/']))
        {
            if (part.Length > 0 && !Values.Contains(part) && !IsNumber(part))
                return false;
        }
        return true;
    }

    /// <summary>
    /// A word of a command line that may be shown to anybody: a harmless parameter as it is, the name alone of one that is documented,
    /// nothing of another.
    /// </summary>
    /// <param name="mark">What stands for a text.</param>
    public static string Redacted(string word, Func<string, string> mark)
    {
        if (Has(word))
            return word;
        int equal = word.IndexOf('=', StringComparison.Ordinal);
        string name = equal < 0 ? word : word[..equal];
        if (!KnownParameters.Has(name.Replace('-', '_')))
            return mark(word);
        return equal < 0 ? name : $"{name}={mark(word[(equal + 1)..])}";
    }

    /// <summary><c>512M</c>, <c>0x7f</c>, <c>3</c>.</summary>
    private static bool IsNumber(string text)
    {
        bool hex = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        ReadOnlySpan<char> digits = hex ? text.AsSpan(2) : text.AsSpan().TrimEnd("KMGTkmgt");
        return digits.Length is > 0 and <= MaxDigits && !digits.ContainsAnyExcept(hex ? "0123456789abcdefABCDEF" : "0123456789");
    }
}
