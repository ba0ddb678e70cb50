namespace Kdump.Diagnosis.Catalogue.Families;

/// <summary>Virtual machines: what the host says of its guests, and a guest of its host.</summary>
internal static class GuestFamilies
{
    public static readonly Family EntryFailed = new("guest-entry-failed", "the CPU refused to run a virtual machine")
    {
        Area = Area.Crashing,
        Confidence = 0.9,
        Cause = "The guest stops immediately; the host continues.",
        Fixes =
        [
            new("On the host: update kernel, microcode and QEMU; give the guest a CPU model that this CPU has",
                "dmesg | grep -i -e kvm -e microcode; lscpu"),
            new("Check whether the host is itself a guest (nested): then the outer hypervisor decides"),
        ],
        Tellings =
        [
            new("KVM: entry failed, hardware error {w}", "KVM could not enter a guest: hardware error {1}",
                "\"hardware error\" is the exit code of the CPU's virtualisation and does not mean broken hardware: " +
                    "0x80000021 is an invalid guest state (code in real mode, nested guests), " +
                    "0x7 an invalid control field.") { Subject = 0 },
            new("KVM internal error. Suberror: {w}", "KVM had an internal error (suberror {1})",
                "1 is an instruction it could not emulate.")
                { Subject = 0 },
            new("kvm run failed {t}", "KVM could not continue a guest: {1}") { Subject = 0 },
            new("kvm*: VMRUN failed", "KVM could not enter a guest") { Subject = 0 },
            new("SVM: kvm [{w}]: *failed to {t}", "KVM failed to {2}") { Subject = 0 },
        ],
        Origin = "qemu accel/kvm/kvm-all.c and target/i386/kvm/kvm.c, arch/x86/kvm/vmx/vmx.c; Intel SDM vol. 3, VM-entry failures",
    };

    private static readonly string[] XenStates =
        ["unknown", "initialising", "waiting for the other side", "initialised", "connected", "closing", "closed"];

    private static string? States(IReadOnlyList<string> taken) =>
        taken.Count > 2 && int.TryParse(taken[1], out int own) && int.TryParse(taken[2], out int other) &&
            own >= 0 && own < XenStates.Length && other >= 0 && other < XenStates.Length
            ? $"The guest's side is in state {own} ({XenStates[own]}), the host's in {other} ({XenStates[other]})." : null;

    public static readonly Family BusDevice = new("guest-device-not-connected",
        "a device of a virtual machine was not connected by its host")
    {
        Area = Area.Crashing,
        Confidence = 0.9,
        Explains = ["root-not-found", "unit-device-missing", "dump-target-missing"],
        Cause = "The guest's driver waits for its counterpart: the backend on the host (Xen: in dom0 or a driver domain; Hyper-V: the " +
            "VM bus). It is not running, is overloaded, or was taken away. A disk (also that of the root) or network card that is not " +
            "connected does not exist for the guest; " +
            "nothing in the guest itself is at fault.",
        Fixes =
        [
            new("On the host, check the backend of that device, and start it before the guest",
                "xenstore-ls /local/domain/0/backend; xl list; dmesg | grep -iE 'xen-blkback|vif|vbd'   # Hyper-V: the VM's event log"),
        ],
        Tellings =
        [
            new("xenbus_probe_frontend: Timeout connecting to device: device/vfb/{e} (local state {w}, remote state {w})",
                "the host did not connect the virtual screen {1}", "A screen is mostly not wanted; the start goes on after the wait.")
                { Severity = Severity.Warning, Reads = States },
            new("xenbus_probe_frontend: Timeout connecting to device: device/vkbd/{e} (local state {w}, remote state {w})",
                "the host did not connect the virtual keyboard {1}", "It is mostly not wanted; the start goes on after the wait.")
                { Severity = Severity.Warning, Reads = States },
            new("xenbus_probe_frontend: Timeout connecting to device: {e} (local state {w}, remote state {w})",
                "the host did not connect the virtual device {1} in time") { Reads = States },
            new("xenbus: xenbus_dev_shutdown: {e} timeout closing device",
                "the virtual device {1} was not closed by the other side in time")
                { Severity = Severity.Warning },
            new("failed to write error node for {e} (", "the Xen store did not take a message about {1}")
                { Severity = Severity.Warning },
            new("hv_vmbus: Waiting for VMBus UNLOAD to complete", "Hyper-V did not confirm that the VM bus was given back (UNLOAD)", Unload)
                { Subject = 0, Severity = Severity.Warning, Times = 2 },
            new("VMBus UNLOAD did not complete", "Hyper-V did not confirm that the VM bus was given back (UNLOAD)", Unload)
                { Subject = 0 },
        ],
        Origin = "drivers/xen/xenbus/xenbus_probe_frontend.c, drivers/hv/channel_mgmt.c vmbus_wait_for_unload()",
    };

    private const string Unload = "Before a crash kernel or a new kernel starts, the old one gives the VM bus back, and the host must " +
        "confirm it. Without that the next kernel may get no disk and no network of it.";

    public static readonly Family Paused = new("guest-paused", "a virtual machine was paused by its host")
    {
        Area = Area.Crashing,
        Confidence = 0.95,
        CausedBy = ["filesystem-full"],
        Cause = "The host could not serve the guest's disk, and stopped the guest rather than give it the error.",
        Fixes = [new("Check the host's storage and free space, and fix that", "df -h; dmesg | tail -50"),
            new("Then resume it", "virsh resume GUEST")],
        Tellings =
        [
            new("Transitioned guest {e} to paused state due to IO error",
                "guest {1} was paused after an I/O error of its disk on the host"),
            new("Transitioned guest {e} to paused state due to unknown IO error", "guest {1} was paused after an I/O error on the host"),
            new("block I/O error in device '{e}': {e} ({w})", "the host failed a request of the guest's disk {1}: {2}") { Holds = t =>
                t[1] != "No space left on device" },
            new("qemu-kvm: terminating on signal {w} from pid {w}", "a guest was ended by signal {1} from process {2}") { Subject = 0,
                Severity = Severity.Warning },
        ],
        Origin = "libvirt src/qemu/qemu_process.c, qemu block/block-backend.c",
    };

    public static readonly Family HostStorage = new("host-storage-slow", "the storage under a virtual machine does not answer in time")
    {
        Area = Area.Crashing,
        Confidence = 0.85,
        Severity = Severity.Error,
        Explains = ["hung-task"],
        Cause = "The host serves the virtual disk (from its datastore, array or network storage). " +
            "Tasks that wait for it in the guest are only victims.",
        Fixes =
        [
            new("Check the host: latency and errors of the datastore or array at that time, snapshots being made or removed, paths"),
            new("In the guest, increase the command timeout", "echo 180 > /sys/block/DISK/device/timeout"),
        ],
        Tellings =
        [
            new("[{w}] tag#{w} task abort on host {w}", "commands to the virtual disk {1} time out and are aborted (VMware, pvscsi)"),
            new("[{w}] task abort on host {w}", "commands to the virtual disk {1} time out and are aborted (VMware, pvscsi)"),
            new("[{w}] tag#{w} SCSI device reset on scsi{w}:{w}", "the virtual disk {1} was reset after commands timed out (VMware, " +
                "pvscsi)"),
            new("vmw_pvscsi: task abort on host {w}", "commands to a virtual disk time out and are aborted (VMware, pvscsi)")
                { Subject = 0 },
            new("vmw_pvscsi: reset on scsi", "a virtual disk was reset after commands timed out (VMware, pvscsi)") { Subject = 0 },
            new("hv_storvsc*: tag#{w} cmd {w} status: scsi {w} srb {w} hv {w}", "requests to a virtual disk failed on the host (Hyper-V, " +
                "command {2}, scsi {3} srb {4} hv {5})") { Subject = 0, Severity = Severity.Warning, Holds = HostFailed,
                Reads = HyperVStatus },
            new("virtio_blk*: [{w}] request timed out", "the virtual disk {1} does not answer in time (virtio)"),
            new("virtio_scsi*: request:id {w} is not a head!", "the host completed a request that was not sent (virtio_scsi, id {1})")
                { Subject = 0 },
            new("^{w} disabled for further use",
                "the virtual disk {1} was given up (Xen blkfront): its host broke the protocol between them",
                "The front end found an answer of the host's side (the backend in dom0 or a driver domain) " +
                "that cannot be right, and takes no more: the guest cannot reach this disk until it is started again. No disk failed."),
            new("^backend has not mapped grant: {w}", "the host did not map memory that it should have used (Xen blkfront, grant {1})",
                "The host's side of a virtual disk answered a request whose memory it had not mapped: " +
                    "a fault of the host's backend or of the guest's front end, not of a disk.") { Subject = 0 },
            new("blkfront: {w}: {w} request failed", "the host refused a request to the virtual disk {1} (Xen)"),
            new("blkfront: {w}: {e}: op failed", "the host refused a request to the virtual disk {1} (Xen: {2})")
                { Severity = Severity.Warning },
            new("hv_storvsc*: tag#{w} cmd {w} status: scsi 0x2 srb 0x4 hv {w}", "a request to a virtual disk failed on the host " +
                "(Hyper-V, " +
                "command {2})") { Subject = 0, Severity = Severity.Warning },
        ],
        Origin = "drivers/scsi/vmw_pvscsi.c, drivers/scsi/storvsc_drv.c",
    };

    /// <summary>/init of WSL 2 is Microsoft's own: it serves Windows' drives, starts the distribution, and logs by the kernel.</summary>
    public static readonly Family WslEnded = new("wsl-distribution-ended", "WSL's own init ended or failed")
    {
        Area = Area.Crashing,
        Confidence = 0.85,
        Cause = "In WSL 2 the first program is Microsoft's /init, which connects the distribution with Windows. When it ends, the " +
            "distribution is taken down with all its programs; the Linux kernel itself did not fail.",
        Fixes =
        [
            new("On Windows: update WSL, then start it anew", "wsl --update; wsl --shutdown", "all distributions are stopped"),
            new("To see whether the drives of Windows are involved: " +
                "switch their mounting off in /etc/wsl.conf ([automount] enabled=false) for a test"),
        ],
        Tellings =
        [
            new("Operation canceled @p9io.cpp:{w} ({w})", "the file server for Windows' drives (9P) of WSL broke off ({2})",
                "WSL's init serves the drives of Windows by 9P; its connection was cancelled, and init ends with it.") { Subject = 0 },
            new("WSL (*) ERROR: {w}:{w}: Init has exited. Terminating distribution", "WSL ended the distribution: its init exited")
                { Subject = 0 },
            new("terminating due to uncaught exception of type wil::ResultException: {t}", "WSL's init ended by an exception: {1}")
                { Subject = 0 },
            new("WSL (*) ERROR: {w}:{w}: Protocol error: {t}", "WSL's init got a message from Windows that it did not expect ({1})")
                { Subject = 0, Severity = Severity.Warning },
            new("WSL (*) ERROR: CreateProcessCommon:{w}: {t}", "WSL could not start a program: {2}")
                { Subject = 0, Severity = Severity.Warning },
        ],
        Origin = "public reports: github.com/microsoft/WSL/issues/41484, 11806; WSL src/linux/init",
    };

    public static readonly Family NotStarted = new("guest-not-started", "a virtual machine could not be started or moved")
    {
        Area = Area.Crashing,
        Confidence = 0.9,
        Cause = "The hypervisor program ended before the guest ran, or aborted its migration. Its message gives the reason.",
        Fixes = [new("Read the guest's own log on the host", "tail -50 /var/log/libvirt/qemu/GUEST.log")],
        Tellings =
        [
            new("internal error: process exited while connecting to monitor: {t}", "a guest was not started: {1}") { Subject = 0 },
            new("cannot set up guest memory '{e}': {t}", "a guest was not started: its memory could not be allocated ({2})") { Subject = 0,
                Fixes =
                [new("Check the host's free memory and huge pages", "free -m; grep Huge /proc/meminfo")] },
            new("load of migration failed: {t}", "a guest could not be migrated: the target did not accept its state ({1})") { Subject = 0,
                Fixes = [new("Compare QEMU versions, machine types and CPU models of both hosts")] },
            new("operation failed: migration {e}: {t}", "a guest could not be migrated: {2}") { Subject = 0 },
            new("Could not access KVM kernel module: {t}", "a guest was not started: no KVM ({1})") { Subject = 0, Fixes =
                [new("Check whether virtualisation is switched on in the firmware, and who may use /dev/kvm", "lsmod | grep kvm; " +
                    "ls -l /dev/kvm; dmesg | grep -i kvm")] },
        ],
        Origin = "libvirt src/qemu, qemu migration/migration.c, system/memory.c, accel/kvm/kvm-all.c",
    };

    /// <summary>
    /// False for what every guest shows at its start: MODE SENSE, INQUIRY and other commands that the host does not know.
    /// </summary>
    private static bool HostFailed(IReadOnlyList<string> taken) =>
        taken[1] is "0x28" or "0x2a" or "0x88" or "0x8a" or "0x8" or "0xa" or "0x35" or "0x91" or "0x42" or "0x41" or "0x93" &&
        taken[4] is not "0x0";

    /// <summary>NTSTATUS codes of the host: MS-ERREF 2.3.1.</summary>
    private static string? HyperVStatus(IReadOnlyList<string> taken) => taken[4] switch
    {
        "0xc0000001" => "0xc0000001 is STATUS_UNSUCCESSFUL: the host could not carry the request out.",
        "0xc0000185" => "0xc0000185 is STATUS_IO_DEVICE_ERROR: the host's storage returned an error.",
        "0xc00000b5" => "0xc00000b5 is STATUS_IO_TIMEOUT: the host's storage did not answer in time.",
        "0xc000009d" => "0xc000009d is STATUS_DEVICE_NOT_CONNECTED: the disk is no longer attached.",
        "0xc000000e" => "0xc000000e is STATUS_NO_SUCH_DEVICE: the disk is no longer attached.",
        "0xc0000022" => "0xc0000022 is STATUS_ACCESS_DENIED on the host.",
        _ => null,
    };

    public static readonly Family[] All = [WslEnded, NotStarted, EntryFailed, Paused, HostStorage, BusDevice];
}
