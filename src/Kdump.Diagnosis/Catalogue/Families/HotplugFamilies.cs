namespace Kdump.Diagnosis.Catalogue.Families;

/// <summary>
/// CPUs and memory that come or go after the crash kernel was loaded: the kernel (since 6.5) or kdump's udev rule brings the list of
/// them (elfcorehdr) up to date, or cannot.
/// </summary>
internal static class HotplugFamilies
{
    public static readonly Family NotUpdated = new("elfcorehdr-not-updated", "the crash kernel's list of memory was not brought up to date")
    {
        Area = Area.Preparing,
        In = Life.First,
        Severity = Severity.Warning,
        Cause = "After CPUs or memory came or went, the list that the crash kernel reads (elfcorehdr) must change. It did not: " +
            "a dump then lacks the new memory, or the crash kernel reads memory that is no longer there and hangs or fails.",
        Fixes =
        [
            new("Load the crash kernel again, so that the list is made anew", "kdumpctl reload   # Debian: kdump-config reload"),
            new("Check that it is loaded", "cat /sys/kernel/kexec_crash_loaded /sys/devices/system/memory/crash_hotplug"),
        ],
        Tellings =
        [
            new("update elfcorehdr elfsz {w} > memsz {w}",
                "the crash kernel's list of memory is full: it needs {1} bytes, {2} were set aside",
                "The space for the list was reckoned at load time from the limits in the kernel's configuration " +
                    "(CONFIG_NR_CPUS, CONFIG_CRASH_MAX_MEMORY_RANGES).") { Subject = 0 },
            new("unable to locate elfcorehdr segment", "the kernel does not find the crash kernel's list of memory and left it as it was")
                { Subject = 0 },
            new("unable to create new elfcorehdr", "the kernel could not make a new list of memory for the crash kernel") { Subject = 0 },
            new("mapping elfcorehdr segment failed", "the kernel could not write the new list of memory for the crash kernel")
                { Subject = 0 },
            .. new[] { "elfcorehdr", "kdump image" }.Select(w => new Telling($"kexec_trylock() failed, {w} may be inaccurate",
                "the crash kernel's list of memory may be out of date: CPUs or memory changed while kexec was at work")
                { Subject = 0, Severity = Severity.Info }),
        ],
        Explains = ["vmcore-incomplete", "vmcore-unreadable"],
        Origin = "kernel/crash_core.c crash_handle_hotplug_event(), arch/x86/kernel/crash.c arch_crash_handle_hotplug_event()",
    };

    public static readonly Family NotProtected = new("elfcorehdr-not-protected", "the list of the old memory is not protected on its own")
    {
        Area = Area.Starting,
        Severity = Severity.Info,
        Confidence = 0.8,
        Cause = "The crash kernel finds the old memory by a list (elfcorehdr) that the first kernel left for it. " +
            "It lies in memory that is reserved already, so it was not reserved a second time. Mostly that is the same reservation and " +
            "harmless: the dump is read all the same. If /proc/vmcore is missing or its header is rejected, the list was overwritten.",
        Fixes = [new("In the crash kernel, or after it: was there a /proc/vmcore, and is the dump whole?",
            "ls -lR /var/crash; kdt vmcore verify FILE")],
        Tellings = [new("elfcorehdr is overlapped", "the list of the old memory (elfcorehdr) lies where something is reserved already")
            { Subject = 0 }],
        Origin = "drivers/of/fdt.c fdt_reserve_elfcorehdr()",
    };

    public static readonly Family[] All = [NotUpdated, NotProtected];
}
