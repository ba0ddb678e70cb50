using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Text;
using Kdump.Sources.Images;
using Kdump.Sources.Machines;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Hosts;

/// <summary>Facts about a machine that decide whether its next crash leaves a dump. Files missing in the tree yield no facts.</summary>
public static class HostMachine
{
    private static readonly string[] Sysctls =
    [
        "kernel.panic", "kernel.panic_on_oops", "kernel.panic_on_warn", "kernel.softlockup_panic", "kernel.hardlockup_panic",
            "kernel.hung_task_panic",
        "kernel.hung_task_timeout_secs", "kernel.panic_on_rcu_stall", "kernel.unknown_nmi_panic", "kernel.panic_on_unrecovered_nmi",
            "kernel.nmi_watchdog",
        "kernel.kexec_load_disabled", "kernel.kexec_load_limit_panic", "kernel.sysrq", "vm.panic_on_oom",
    ];

    public static void Collect(MachineTree root, Facts facts)
    {
        if (root.Text("/proc/cmdline") is { Length: > 0 } line)
            facts.Add(new KernelCommandLine(Source.Of(root.Shown("/proc/cmdline"), line, 1), line));
        if (Fadump.State(root) is { } registered)
            facts.Add(registered);
        else if (root.Text("/sys/kernel/kexec_crash_loaded") is { } loaded && loaded is ("0" or "1"))
            facts.Add(new KexecLoaded(Source.Of(root.Shown("/sys/kernel/kexec_crash_loaded"), loaded, 1), loaded == "1"));
        // Every kernel has uevent_seqnum: if the tree has it, other missing files in this folder do not exist on the machine.
        else if (root.IsFile("/sys/kernel/uevent_seqnum"))
            facts.Add(new KexecAbsent(new Source(root.Shown("/sys/kernel"), "no kexec_crash_loaded")));
        const string possible = "/sys/devices/system/cpu/possible";
        if (CpuList.Count(root.Text(possible)) is { } cpus)
            facts.Add(new PossibleCpus(Source.Of(root.Shown(possible), root.Text(possible)!, 1), cpus));
        foreach (string name in Sysctls)
            Setting(root, "/proc/sys/" + name.Replace('.', '/'), name, facts);
        Setting(root, "/sys/module/kernel/parameters/crash_kexec_post_notifiers", "kernel.crash_kexec_post_notifiers", facts);
        Lockdown(root, facts);
        BootLoader(root, facts);
        Hotplug(root, facts);
        if (facts.Of<MachineKernel>() is [var kernel, ..])
            KernelFile.Configuration(root, kernel.Release, facts);
    }

    private static void Setting(MachineTree root, string path, string name, Facts facts)
    {
        if (root.Text(path) is { Length: > 0 } value)
            facts.Add(new Sysctl(Source.Of(root.Shown(path), value, 1), name, value));
    }

    /// <summary><c>none [integrity] confidentiality</c></summary>
    private static void Lockdown(MachineTree root, Facts facts)
    {
        const string path = "/sys/kernel/security/lockdown";
        if (root.Text(path) is { } text && text.IndexOf('[') is >= 0 and var open && text.IndexOf(']', open) is > 0 and var close)
            facts.Add(new LockdownMode(Source.Of(root.Shown(path), text, 1), text[(open + 1)..close]));
    }

    /// <summary>
    /// crashkernel= where boot loaders' command lines are configured: GRUB's defaults, loader entries, /etc/kernel/cmdline.
    /// </summary>
    private static void BootLoader(MachineTree root, Facts facts)
    {
        IEnumerable<string> files = root.List("/etc/default/grub.d").Where(n => n.EndsWith(".cfg", StringComparison.Ordinal))
            .Select(n => "/etc/default/grub.d/" + n)
            .Append("/etc/default/grub").Append("/etc/kernel/cmdline")
                .Concat(new[] { "/boot/loader/entries", "/boot/efi/loader/entries", "/efi/loader/entries" }
                .SelectMany(f => root.List(f).Select(n => $"{f}/{n}")));
        foreach (string path in files)
        {
            int number = 0;
            foreach (string line in (root.Text(path) ?? "").Split('\n'))
            {
                number++;
                int at = line.IndexOf("crashkernel=", StringComparison.Ordinal);
                if (at < 0 || line.TrimStart().StartsWith('#'))
                    continue;
                // The words after it up to the quotation mark or the end of the line: several of them may be crashkernel=.
                string text = line[at..];
                int end = text.IndexOfAny(['"', '\'']);
                if (CrashkernelRequest.Of(end < 0 ? text : text[..end]) is { Any: true } request)
                    facts.Add(new CrashkernelConfigured(Source.Of(root.Shown(path), line, number), request.Text));
            }
        }
    }

    private static void Hotplug(MachineTree root, Facts facts)
    {
        string? memory = root.Text("/sys/devices/system/memory/crash_hotplug"), cpu = root.Text("/sys/devices/system/cpu/crash_hotplug");
        string? rules = new[] { "/etc/udev/rules.d", "/run/udev/rules.d", "/usr/lib/udev/rules.d", "/lib/udev/rules.d" }
            .SelectMany(d => root.List(d)
                .Where(n => n.Contains("kexec", StringComparison.Ordinal) || n.Contains("kdump", StringComparison.Ordinal))
                .Select(n => $"{d}/{n}")).FirstOrDefault();
        string? slot;
        if (root.List("/sys/bus/acpi/devices").FirstOrDefault(n => n.StartsWith("PNP0C80:", StringComparison.Ordinal)) is { } acpi)
            slot = "/sys/bus/acpi/devices/" + acpi;
        else if (root.List("/sys/bus/virtio/drivers/virtio_mem").FirstOrDefault(n => n.StartsWith("virtio",
            StringComparison.Ordinal)) is { } mem)
            slot = "/sys/bus/virtio/drivers/virtio_mem/" + mem;
        else
            slot = root.IsFolder("/sys/bus/vmbus/drivers/hv_balloon") ? "/sys/bus/vmbus/drivers/hv_balloon" : null;
        if (slot is null && memory is null && cpu is null)
            return;
        facts.Add(new CrashHotplug(slot is null
            ? new Source(root.Shown("/sys/devices/system"), $"crash_hotplug: memory {memory ?? "absent"}, cpu {cpu ?? "absent"}")
            : new Source(root.Shown(slot), slot[(slot.LastIndexOf('/') + 1)..]),
            memory == "1" && cpu == "1", rules is not null, slot is null ? "" : slot[(slot.LastIndexOf('/') + 1)..]));
    }

    /// <summary>Watchdogs that sysfs shows (CONFIG_WATCHDOG_SYSFS), and whether the crash kernel would have their driver.</summary>
    public static void Watchdogs(MachineTree root, Func<string, bool>? inImage, Facts facts)
    {
        var loaded = new LoadedModules(root);
        foreach (string watchdog in root.List("/sys/class/watchdog"))
        {
            string path = "/sys/class/watchdog/" + watchdog;
            if (root.Text(path + "/state") is not { } state)
                continue;
            string module = loaded.Behind(path + "/device/driver/module") is { } name ? ImageModules.Normal(name) : "";
            _ = int.TryParse(root.Text(path + "/timeout"), out int timeout);
            string identity = root.Text(path + "/identity") ?? "unnamed";
            // A driver without a module is built into the kernel, and so into the crash kernel.
            facts.Add(new WatchdogState(Source.Of(root.Shown(path + "/state"), $"{state} ({identity}, {timeout} s)", 1), watchdog, identity,
                state == "active", timeout, module, module.Length == 0 ? true : inImage?.Invoke(module)));
        }
    }
}
