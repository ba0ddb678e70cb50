namespace Kdump.Diagnosis.Catalogue.Devices;

/// <summary>Graphics processors: NVIDIA's module, amdgpu, radeon, i915, xe, nouveau. Xids have a table of their own.</summary>
internal static class Gpus
{
    public static readonly DeviceFamily OffTheBus = new("gpu-off-the-bus", "the GPU {device} fell off the bus")
    {
        Area = Area.Hardware,
        Cause = "The driver reads all ones from it. The GPU lost its power or its PCIe link, switched itself off because of heat, " +
            "or is broken. A driver cannot cause this.",
        Words = """
            NVRM | | fallen off the bus | it has fallen off the bus and does not respond
            NVRM | | GPU is lost | it is lost
            NVRM | | GPU is not accessible | it does not answer
            NVRM | | osInitNvMapping: *Cannot attach gpu | its registers cannot be read (osInitNvMapping: cannot attach): it does not answer
            NVRM | | BAR0 is 0M @ 0x0 | its registers have no address: the bus does not reach it
            amdgpu | | device lost from bus! | it is lost from the bus
            amdgpu | + | PCIe error detected | a PCIe error was reported
            nouveau | | gpu lost | it is lost
            nouveau | | unknown chipset (ffffffff) | its registers read as all ones
            xe | | device is gone | it is gone
            xe i915 | | Device is non-operational; MMIO access returns all F's | its registers read as all ones
            """,
        CausedBy = ["pcie-link-lost"],
        CausedNearBy = ["pcie-link-down"],
        Explains = ["driver-probe-failed:{bdf}", "gpu-driver-failed:{0}"],
        Ways =
        [
            new("Check power first: every power plug and cable of the card (no adapters or daisy chains), " +
                "the supply's reserve under load; then temperature and fans, then the seat of card and riser"),
            new("Check whether it answers again; if it does not, only switching the machine off and on helps", "lspci -vvv -s {bdf}"),
        ],
        Origin = "NVIDIA Xid Errors (docs.nvidia.com/deploy/xid-errors); drivers/gpu/drm/amd/amdgpu/amdgpu_device.c",
    };

    /// <summary>Judged by a rule of its own, <see cref="Rules.Hardware.GpuXid"/>.</summary>
    public static readonly DeviceFamily Xid = new("gpu-xid", "the NVIDIA driver reports an Xid of the GPU {device}")
    {
        Area = Area.Hardware,
        Cause = "An Xid is the NVIDIA driver's number for an error of the GPU, of its driver or of a program on it; " +
            "the number tells which.",
        Words = """
            NVRM | | SXid ({e}): {w}, {t} | NVSwitch error {2}
            NVRM | | Xid ({e}): {w}, {t} | Xid {2}
            NVRM | | Xid ({e}): {w} | Xid {2}
            """,
        Code = 2,
        CausedBy = ["pcie-link-lost"],
        Origin = "NVIDIA Xid Errors (docs.nvidia.com/deploy/xid-errors)",
    };

    public static readonly DeviceFamily Hang = new("gpu-hang", "the GPU {device} hangs")
    {
        Area = Area.Hardware,
        Milder = "the GPU {device} hung",
        Cause = "A job on the GPU did not end. The process that is named had submitted it. Possible causes: " +
            "a wrong shader or command stream, the user-space driver (Mesa, ROCm), the GPU's firmware, or an unstable clock.",
        Words = """
            amdgpu radeon | | ring {d} timeout, {t} | a job on ring {1} did not end ({2})
            amdgpu | | ring {d} timeout | a job on ring {1} did not end
            amdgpu | + | Process information: process {e} pid {w} thread | the job is of process {1} ({2})
            amdgpu | + | Process {e} pid {w} thread {e} pid {w} | the job is of process {1} ({2}), thread {3}
            amdgpu | ~ | Ring {d} reset succeeded | ring {1} was reset
            amdgpu | + | Ring {d} reset failed | the reset of ring {1} failed
            amdgpu | W | MES failed to respond to msg={w} | its scheduler firmware (MES) does not answer {1}
            amdgpu | W | MES might be in unrecoverable state | its scheduler firmware (MES) does not come back
            amdgpu | W | SMU: I'm not done with your previous command | its power-management firmware (SMU) hangs
            amdgpu | W | SMU: No response | its power-management firmware (SMU) does not answer
            amdgpu | W | Msg issuing pre-check failed and SMU may be not in the right state | its power-management firmware (SMU) hangs
            -- | + | last message was failed ret is 65535 | its power-management firmware (SMU) answers with all ones (65535): the GPU no longer answers on the bus
            -- | + | failed to send message {w} ret is 65535 | message {1} to its power-management firmware (SMU) is answered with all ones
            amdgpu | + | SMU: response:0xFFFFFFFF for index | its power-management firmware (SMU) answers with all ones: the GPU no longer answers on the bus
            amdgpu | W | GPU reset begin | the whole GPU is reset
            amdgpu | ~ | GPU reset({w}) succeeded | reset number {1} succeeded
            amdgpu | ~ | GPU reset succeeded, trying to resume | the reset of the whole GPU succeeded
            amdgpu | E | GPU reset end with ret = -{w} | the reset of the GPU failed with -{1}
            amdgpu | E | GPU reset({w}) failed | the reset of the GPU failed
            amdgpu | E | GPU Recovery Failed: {t} | the recovery of the GPU failed ({1})
            amdgpu | W | qcm fence wait loop timeout expired | its compute queues (KFD) did not answer in time
            amdgpu | W | The cp might be in an unrecoverable state due to an unsuccessful queues preemption | its command processor did not give a compute queue up (preemption failed)
            amdgpu | + | Failed to evict process queues | the compute queues of a process could not be taken off it
            amdgpu | + | Failed to quiesce KFD | its compute part (KFD) could not be brought to rest
            drm | + | VRAM is lost due to GPU reset | the content of its memory is lost: programs that used it must be started anew
            amdgpu | + | VRAM is lost due to GPU reset | the content of its memory is lost: programs that used it must be started anew
            amdgpu | W | flip_done timed out | a picture was never shown
            amdgpu i915 xe radeon nouveau drm | W | flip_done timed out | a picture was never shown
            amdgpu | E | uncorrectable hardware errors detected in {w} block | uncorrected hardware errors in block {1}
            amdgpu | E | {w} uncorrectable hardware errors | {1} uncorrected hardware errors
            amdgpu | ~ | device wedged, but recovered through reset | it came back by the reset
            amdgpu xe i915 | E | device wedged, needs recovery | it did not come back
            radeon | | GPU lockup | it stands still
            radeon | ~ | GPU reset succeeded | the reset succeeded
            i915 drm | | GPU HANG: ecode {e}, in {e} [{w}] | it hangs in a job of {2} ({3})
            i915 drm | | GPU HANG: ecode {t} | it hangs (ecode {1})
            i915 drm xe | | Resetting {w} for hang on {w} | engine {2} hangs, and {1} is reset
            i915 drm | | Resetting {w} for preemption time out | engine {1} does not let go of its job (preemption time-out) and is reset
            -- | + | ^Asynchronous wait on fence {e}:{e}[{e}]:{w} timed out | {2} ({3}) waits for it in vain
            i915 drm | + | Resetting {w} for stopped heartbeat on {w} | engine {1} is reset
            i915 drm xe | + | Engine reset failed on {e} ({w}) because | its firmware (GuC) could not reset engine {2}
            i915 drm xe | + | ngine reset failed on {e} ({w}) | its firmware (GuC) could not reset engine {2}
            i915 drm | + | {w} reset request timed out | engine {1} did not take its reset in time
            i915 drm | + | context reset due to GPU hang | the context of the program was reset
            i915 drm | + | Resetting chip for | the whole chip is reset
            -- | + | ^drm/i915: Resetting chip after gpu hang | the whole chip is reset
            i915 drm | + | gpu hanging too fast, banning | the program's context is banned: it hung too often
            i915 drm | E | Failed to reset chip | the reset failed
            i915 drm | E | declared wedged | it is given up
            i915 xe drm | | TLB invalidation response timed out | its firmware (GuC) does not answer a TLB invalidation
            i915 xe drm | | TLB invalidation fence timeout | its firmware (GuC) does not answer a TLB invalidation
            i915 xe drm | | CT: No response for request {w} | its firmware (GuC) does not answer request {1}
            i915 xe drm | | CT: Failed to process {t} | the talk with its firmware (GuC) broke off ({1})
            i915 xe drm | | chedule disable failed to respond | its firmware (GuC) does not answer
            i915 xe drm | E | GuC load failed: {t} | its firmware (GuC) could not be started ({1})
            i915 xe drm | E | GuC initialization failed | its firmware (GuC) could not be started
            xe | | Engine reset: | an engine is reset after a hang
            xe | | Timedout job: | a job did not end
            xe | | CRITICAL: Xe has declared device | it is given up
            nouveau | | SCHED_ERROR {w} [{w}] | its scheduler reports {2}
            nouveau | | channel {w}: timeout | channel {1} does not end
            nouveau | | job timeout, channel {w} | a job on channel {1} did not end
            panfrost panthor lima v3d etnaviv msm | | gpu sched timeout | a job did not end
            msm | | hangcheck detected gpu lockup | it stands still
            drm msm | W | timeout waiting to drain ringbuffer {w} | ring {1} does not drain
            drm msm | E | gpu hw init failed: {w} | it did not come up again ({1})
            v3d drm | | Resetting GPU for hang | it is reset after a hang
            vc4 v3d drm | 2 | ^Resetting GPU. | it hangs again and again, and is reset
            msm | | hangcheck recover! | it hangs and is reset
            msm | + | offending task: {e} ({t} | the job is of {1}
            etnaviv | | recover hung GPU | it is reset after a hang
            lima | | job timeout | a job did not end
            panfrost panthor | W | AS_ACTIVE bit stuck | its memory management unit does not come to rest
            panfrost | E | gpu soft reset timed out | the reset failed
            """,
        CausedBy = ["pcie-link-lost", "gpu-off-the-bus"],
        Ways =
        [
            new("Update the kernel, Mesa and linux-firmware; keep the GPU's own dump for a report",
                "cp /sys/class/drm/card0/device/devcoredump/data gpu-dump", null, "amdgpu"),
            new("Keep the state of the hang for a report", "cat /sys/class/drm/card0/error > gpu-error", null, "i915 drm"),
            new("Check whether it is always the same program; run it without overclocking and with a lower power limit"),
        ],
        Origin = "drivers/gpu/drm/amd/amdgpu/amdgpu_job.c, amdgpu_device.c, mes_v*.c; drivers/gpu/drm/i915/i915_gpu_error.c; nouveau nvkm",
    };

    public static readonly DeviceFamily WorkStopped = new("gpu-work-stopped", "a program's work on the GPU {device} failed")
    {
        Area = Area.Hardware,
        Severity = Severity.Warning,
        Cause = "The GPU rejected the work of a program: an address that is not mapped for it, a wrong command, a fault of a shader. " +
            "The driver then stops that program's work; other programs continue. " +
            "The program, its user-space driver (Mesa, CUDA, ROCm) " +
            "or the kernel's driver is at fault far more often than the GPU.",
        Words = """
            nouveau | | ^{e}: channel {w} killed! | channel {2} of the program {1} was stopped
            nouveau | | :[{e}[{w}]] errored - disabling channel | the channel of the program {1} (process {2}) was stopped after an error
            nouveau | | errored - disabling channel | a channel was stopped after an error
            nouveau | | fifo: * fault at {w} engine {w} [*] client {w} [*] reason {w} [{e}] on channel {w} [{w} {e}[{w}]] | the program {8} asked for address {1}: {5} (channel {6})
            nouveau | | fifo: fault {w} | it asked for an address that is not mapped
            nouveau | | mmu fault queued | it asked for an address that is not mapped
            nouveau | | gr: TRAP ch {w} [{w} {e}[{w}]] | the program {3} made it trap (channel {1})
            nouveau | | gr: DATA_ERROR {w} [{e}] ch {w} [{w} {e}[{w}]] | the program {5} gave it wrong data: {2} (channel {3})
            nouveau | + | gsp: rc engn:{w} chid:{w} type:{w} | its firmware (GSP) reports error {3}, which is the number of an Xid, for channel {2}
            nouveau | + | failed to idle channel {w} | channel {1} did not come to rest
            panfrost panthor | | Unhandled Page fault in AS{w} at VA {w} | it asked for address {2}, which is not mapped
            lima | | page fault at {w} from bus id {w} of type | a program asked for address {1}, which is not mapped
            etnaviv | | MMU fault status {w} | it asked for an address that is not mapped (status {1})
            v3d | | MMU error from client {e} at {w}, {t} | its unit {1} asked for address {2}: {3}
            nvgpu | | mmu fault on engine *addr {w}, type | a program asked for address {1}, which is not mapped for it
            nvgpu | | error notifier set to {w} for ch {w} | the program's channel {2} was stopped with error {1}, which is the number of an Xid
            nvgpu | + | channel {w} generated a mmu fault | channel {1} did that
            nvgpu | + | TSG {w} generated a mmu fault | channel group {1} did that
            nvgpu | E | ctxsw timeout error | a change between channels did not end: it hangs in a program's work
            nvgpu | | PBDMA intr {t} | wrong commands in a program's channel ({1})
            amdgpu | | [gfxhub*page fault (src_id | it asked for an address that is not mapped for the process
            amdgpu | | [mmhub*page fault (src_id | it asked for an address that is not mapped for the process
            """,
        Explains = ["gpu-hang:{0}"],
        Ways =
        [
            new("Check whether it is always the same program, and try it with another version of Mesa or CUDA"),
            new("Update the kernel and linux-firmware; report it with the program's name to the developers of the driver"),
        ],
        Origin = "drivers/gpu/drm/nouveau/nvkm/engine/fifo, gr, subdev/gsp; NVIDIA's nvgpu (Tegra), common/fifo",
    };

    public static readonly DeviceFamily DriverFailed = new("gpu-driver-failed", "the driver could not start the GPU {device}")
    {
        Area = Area.Hardware,
        Cause = "The driver found the GPU but could not initialise it.",
        Words = """
            NVRM | | RmInitAdapter failed! ({e}) | its start failed ({1})
            NVRM | | rm_init_adapter failed | its start failed
            NVRM | | The NVIDIA probe routine failed for {w} device | the driver's probe failed for {1} of them
            NVRM | | API mismatch: | the module and the programs are of different versions
            NVRM | | nvidia driver was not loaded | another driver holds it
            NVRM | W | This PCI I/O region assigned to your NVIDIA device is invalid | firmware gave it no valid address space
            NVRM | | Calling Resume on an active GPU | it is told to resume although its suspend failed or was never asked for (see nvidia-suspend.service)
            NVRM | + | So ignoring the resume request | the driver ignores the resume
            NVRM | | failed to wait for GFW_BOOT | its own firmware did not finish its start (GFW boot)
            NVRM | | failed to wait for GFW boot complete | its own firmware did not finish its start (GFW boot)
            NVRM | | GspRmBoot * failed | its system processor (GSP) did not start
            NVRM | | GPU0 *GSP* failed | its system processor (GSP) did not start
            amdgpu | | Fatal error during GPU init | a fatal error while it was started
            amdgpu | | hw_init of IP block <{w}> failed {w} | block {1} could not be started ({2})
            amdgpu | | PSP load * failed | its security processor (PSP) did not take the firmware
            amdgpu | | PSP firmware loading failed | its security processor (PSP) did not take the firmware
            amdgpu | W | Unable to locate a BIOS ROM | its BIOS was not found
            radeon | | Fatal error during GPU init | a fatal error while it was started
            nouveau | | init failed with {w} | its start failed ({1})
            nouveau | | DRM-master:* init failed with {w} | its start failed ({1})
            i915 | | Device initialization failed ({w}) | its start failed ({1})
            """,
        CausedBy = ["gpu-off-the-bus", "pcie-link-lost", "pci-resources-missing"],
        Ways =
        [
            new("Look at the lines before it: power, link and address space come first; then driver version against kernel and GPU",
                "lspci -nnk -s {bdf}"),
        ],
        Origin = "NVIDIA open-gpu-kernel-modules (nv.c, nv-pci.c); drivers/gpu/drm/amd/amdgpu/amdgpu_device.c",
    };
}
