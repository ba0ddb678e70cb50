namespace Kdump.Diagnosis.Catalogue.Rules;

/// <summary>What the catalogue says of rules written by hand: the machine before the crash.</summary>
internal static class PreparingEntries
{
    public static readonly Entry[] All =
    [
        new("crashkernel-not-reserved", "no memory is set aside for a crash kernel")
        {
            Area = Area.Preparing,
            Signature =
            [
                "crashkernel reservation failed - No suitable area found.",
                "crashkernel reservation failed - memory is in use.",
                "crashkernel: memory value expected",
                "Memory for crashkernel is not reserved",
                "No memory reserved for crash kernel",
                "No crashkernel memory reserved, Kdump cannot start.",
            ],
            Cause = "crashkernel= is not on the command line, cannot be understood (crashkernel=auto outside of the distributions that know it), names only ranges above the memory this machine has (the common default begins at 2 GB, 4 GB with fadump), or no free stretch of that size was found: fragmented low memory, or a fixed @address.",
            Fixes = [new("Give a size without an address, allowing high memory: crashkernel=512M,high; or let the tools choose", "kdumpctl reset-crashkernel --kernel=ALL", "needs a reboot")],
            Origin = "kernel/crash_reserve.c, arch/x86/kernel/setup.c, kexec-tools kexec.c, kdump-utils kdump-lib.sh and commit a617bf2",
        },
        new("kexec-load-rejected", "the crash kernel could not be loaded")
        {
            Area = Area.Preparing,
            Signature =
            [
                "kexec_load failed: Operation not permitted",
                "kexec_file_load failed: Operation not permitted",
                "Lockdown: kexec: kexec of unsigned images is restricted",
                "kexec_file_load failed: Required key not available",
                "kexec_file_load failed: Key was rejected by service",
                "kexec_file_load failed: Accessing a corrupted shared library",
                "Could not find a free area of memory of 0x… bytes",
                "kexec: failed to load kdump kernel",
            ],
            Cause = "Secure boot allows only signed kernels and only kexec_file_load(2); kernel.kexec_load_disabled=1, which profiles for hardening set, forbids both calls; the key is not in a trusted keyring; the kernel could not parse the signature (ELIBBAD); or kernel and image do not fit into the reservation.",
            Fixes =
            [
                new("Load through the newer system call: KEXEC_ARGS=\"-s\" in /etc/sysconfig/kdump", "kdumpctl restart"),
                new("Sign the kernel, or enrol its key", "mokutil --import KEY.der", "needs a reboot and the console"),
                new("No room: raise crashkernel=, or make the image smaller"),
            ],
            Origin = "kexec-tools kexec.c, kernel/kexec_file.c, security/lockdown; kdump-utils commit 4fa17b2",
        },
        new("kdump-service-failed", "the kdump service did not start")
        {
            Area = Area.Preparing,
            Signature = ["kdumpctl[…]: kdump: Starting kdump: [FAILED]", "Failed to start Crash recovery kernel arming"],
            Cause = "Whatever its last lines say; where another entry knows them it stands above this one in the verdict. sed, grep or dracut that fail inside kdumpctl are told by their own words alone.",
            Fixes = [new("See all that it says", "systemctl status kdump; journalctl -b -u kdump")],
            Origin = "kdump-utils kdumpctl start(), Debian kdump-config, openSUSE load.sh; Fedora CoreOS tracker issues 1267 and 1529",
        },
        new("kernel-config-lacks-kdump", "the kernel was built without something that a dump cannot do without")
        {
            Area = Area.Preparing,
            Signature =
            [
                "# CONFIG_CRASH_DUMP is not set",
                "# CONFIG_PROC_VMCORE is not set",
            ],
            Cause = "A kernel of one's own, or of a small distribution, whose configuration leaves out kexec, crash dumps or the compressor of the image.",
            Fixes = [new("Build it with what is missing", "kdt kconfig diff OURS DISTRIBUTION")],
            Origin = "kernel/Kconfig.kexec, init/Kconfig",
        },
        new("no-capture-kernel", "the kernel panicked and no crash kernel started")
        {
            Area = Area.Preparing,
            Signature =
            [
                "Kernel panic - not syncing: …",
                "Linux version … (an ordinary boot follows)",
            ],
            Cause = "None was loaded; or it was, and died before its first word: a reset by INIT when another CPU than the first crashed and the crash kernel starts several (disable_cpu_apicid=; new kernels print \"Crash kernel detected. Disabling real BSP to prevent machine INIT\"), a graphics or serial console it does not have, or devices and timers it cannot start.",
            Fixes =
            [
                new("Look whether one is loaded", "cat /sys/kernel/kexec_crash_loaded"),
                new("Let it speak early: earlyprintk=ttyS0,115200 on its command line"),
            ],
            Origin = "kernel/kexec_core.c, arch/x86/kernel/cpu/topology.c; kdump-utils commits 428a5e9, 9df0cbb and e22ca92; sonic-buildimage pull request 6113 (hpet=disable pci=nommconf)",
        },
    ];
}
