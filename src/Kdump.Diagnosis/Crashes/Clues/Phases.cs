using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// What the machine was doing, where the stack or the lines just above show it: it went to sleep or woke, was switched off, a driver
/// started, a module or a file system went. Whoever reads the report would ask that first.
/// </summary>
internal static class Phases
{
    private const int Near = 12;

    private static readonly string[] Not =
        ["lockdep", "out-of-memory", "memory-leak", "reference-leak", "rcu-stall", "kcsan", "ubsan", "stack"];

    private static readonly (NamePattern Frames, string Meaning, string Says)[] Stacks =
    [
        (new(["^dpm_resume", "^device_resume", "^async_resume", "^pci_pm_resume", "^pci_pm_restore", "^wiphy_resume",
            "^usb_resume", "^scsi_bus_resume"]), "resuming", "It happened while the machine, or a device of it, came back from sleep."),
        (new(["^dpm_suspend", "^device_suspend", "^async_suspend", "^wiphy_suspend",
            "^pci_pm_suspend", "^pci_pm_freeze", "^freeze_processes"]),
            "suspending", "It happened while the machine, or a device of it, went to sleep."),
        (new(["^suspend_devices_and_enter", "^pm_suspend", "^hibernate$", "^hibernation_"]), "sleep",
            "It happened while the machine went to sleep or came back."),
        (new(["^device_shutdown", "^kernel_restart", "^kernel_power_off", "^kernel_halt", "^kernel_kexec", "^pci_device_shutdown"]),
            "shutting-down", "It happened while the machine was shutting down or restarting."),
        (new(["^rpm_resume", "^rpm_suspend", "^pm_runtime_work", "^__pm_runtime_"]), "runtime-power",
            "It happened while a device was put to sleep or woken (runtime power management)."),
        (new(["^__do_sys_delete_module", "^__se_sys_delete_module", "^sys_delete_module", "^SyS_delete_module", "_sys_delete_module"]),
            "unloading", "It happened while a module was being unloaded."),
        (new(["^usb_disconnect"]), "unplugged", "It happened while a USB device was taken away."),
        (new(["^pciehp_", "^pci_stop_and_remove_bus", "^pci_stop_bus_device", "^acpiphp_"]), "unplugged",
            "It happened while a PCI device was taken away."),
        (new(["^unbind_store", "^device_release_driver", "^__device_release_driver", "^device_driver_detach"]), "unbinding",
            "It happened while a driver was taken from its device."),
        (new(["^_cpu_down", "^_cpu_up", "^cpuhp_thread_fun", "^take_cpu_down"]), "cpu-hotplug",
            "It happened while a CPU was taken out or brought up."),
        (new(["^cleanup_net$"]), "namespace-gone", "It happened while a network namespace was taken down (a container ended)."),
        (new(["^generic_shutdown_super", "^deactivate_locked_super", "^cleanup_mnt"]), "unmounting",
            "It happened while a file system was being unmounted."),
        (new(["^really_probe", "^driver_probe_device", "^__driver_probe_device", "^pci_device_probe", "^local_pci_probe",
            "^usb_probe_interface", "^virtio_dev_probe", "^platform_probe", "^platform_drv_probe"]), "probing",
            "It happened while a driver started on its device (probe)."),
        (new(["^vfs_get_tree", "^do_new_mount", "^mount_fs$", "^mount_bdev", "^vfs_kern_mount"]), "mounting",
            "It happened while a file system was being mounted."),
    ];

    /// <summary>What a bus calls the driver by: the frame below is the driver's own, where its name says that it is a probe.</summary>
    private static readonly NamePattern Buses = new(["^local_pci_probe", "^pci_device_probe", "^usb_probe_interface", "^virtio_dev_probe",
        "^platform_probe", "^platform_drv_probe", "^i2c_device_probe", "^spi_probe", "^spi_drv_probe", "^macio_device_probe",
        "^amba_probe", "^hid_device_probe", "^auxiliary_bus_probe"]);

    private static readonly NamePattern Probes = new(["probe", "init_one"]);

    /// <summary>The driver's own function, which the bus called; null where the report names it already, or where it is not sure.</summary>
    private static string? Prober(ClueInput input)
    {
        StackFrame[] sure = [.. input.Frames.Where(f => f.Reliable)];
        int at = Array.FindIndex(sure, f => Buses.Fits(f.Function));
        string? driver = at > 0 ? sure[at - 1].Function : null;
        return driver is null || driver == input.Function || !Probes.Fits(driver) ? null : driver;
    }

    public static IEnumerable<Clue> Read(ClueInput input)
    {
        if (Not.Contains(input.Kind))
            yield break;
        foreach ((NamePattern frames, string meaning, string says) in Stacks)
        {
            StackFrame frame = input.Frames.FirstOrDefault(f => f.Reliable && frames.Fits(f.Function));
            if (frame.Name is null || input.Find(frame.Name) is not { } line)
                continue;
            string told = meaning == "probing" && Prober(input) is { } driver
                ? $"It happened while a driver started on its device: in {driver}()." : says;
            yield return new Clue(meaning, told, input.SourceOf(line));
            yield break;
        }
        for (int i = input.Report.Before.Count - 1; i >= 0; i--)
        {
            ReportLine line = input.Report.Before[i];
            if (input.Report.Heading.Line - line.Number is not (> 0 and <= Near) || MachineSteps.Of(line.Text) is not { } step)
                continue;
            (string meaning, string says) = step switch
            {
                MachineStep.Sleeping => ("suspending", "The machine was just going to sleep"),
                MachineStep.Woken => ("resuming", "The machine had just come back from sleep"),
                _ => ("shutting-down", "The machine was just being shut down or restarted"),
            };
            yield return new Clue(meaning, $"{says}: «{Printable.Quoted(line.Text.Trim(), 80)}».", input.SourceOf(line));
            yield break;
        }
    }
}
