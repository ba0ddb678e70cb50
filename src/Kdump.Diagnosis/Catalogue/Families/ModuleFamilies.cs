namespace Kdump.Diagnosis.Catalogue.Families;

/// <summary>Modules that the kernel refused to load: kernel/module.</summary>
internal static class ModuleFamilies
{
    private static bool OtherKernel(IReadOnlyList<string> taken) => taken[1] != taken[2];

    private const string Packed = "BusyBox's modprobe and insmod pass the file on unchanged. " +
        "The kernel accepts a compressed file only from a program that asks it to unpack it (as kmod does) or that unpacks it itself. " +
        "The module itself is good.";

    private static readonly Fix[] OwnModprobe =
    [
        new("Load it with kmod's modprobe, and put that into the initramfs before BusyBox's own", "/usr/bin/modprobe NAME; " +
            "ls -l $(command -v modprobe)"),
        new("Or include the modules uncompressed, and rebuild the image", "zstd -d FILE.ko.zst; depmod -a"),
    ];

    private static bool Compressed(IReadOnlyList<string> taken) => new[] { ".ko.zst", ".ko.xz", ".ko.gz" }.Any(e =>
        taken[0].Contains(e, StringComparison.Ordinal));

    public static readonly Family Refused = new("module-refused", "the kernel refused to load a module")
    {
        Area = Area.Crashing,
        Confidence = 0.95,
        Severity = Severity.Warning,
        Cause = "The module was built for another kernel, or against other settings than this one has. Its devices then have no driver.",
        Fixes =
        [
            new("Rebuild it for the running kernel (dkms does it), with a clean build directory",
                "modinfo {0} | grep -e filename -e vermagic; uname -r; dkms autoinstall -k $(uname -r); depmod -a"),
        ],
        Tellings =
        [
            new("{w}: version magic '{e}' should be '{e}'", "module {1} was built for kernel {2}, and {3} runs") { Holds = OtherKernel },
            new("{w}: disagrees about version of symbol {w}", "module {1} was built for another kernel (it disagrees about {2})",
                "The checksums of exported symbols (CONFIG_MODVERSIONS) differ: it was built against another build of the kernel, " +
                    "even if the release number is the same."),
            new("{w}: Unknown symbol {w} (err -22)", "module {1} needs {2} in another version (built for another kernel)"),
            new("{w}: Unknown symbol {w} (err 0)", "module {1} needs {2}, which no loaded part of the kernel offers")
                { Severity = Severity.Info },
            new("{w}: Unknown symbol {w} (err {w})", "module {1} needs {2}, which no loaded part of the kernel offers",
                "Another module that offers it is not loaded (insmod loads none, modprobe does), or the kernel was built without it; " +
                "-2 is \"not there\".") { Fixes = [new("Load it with its dependencies; check whether depmod knows which module offers " +
                    "the symbol",
                    "depmod -a; modprobe -v {0}")] },
            new("insmod: ERROR: could not insert module {e}: Unknown symbol in module",
                "module {1} needs a symbol that no loaded part " +
                "of the kernel offers", "Its own dependencies were not loaded before (insmod loads none; " +
                "modprobe does), or it was built for another kernel."),
            new("{w}: Unknown symbol {w}", "module {1} needs {2}, which no loaded part of the kernel offers"),
            new("Loading of unsigned module is rejected", "an unsigned module was refused: the kernel accepts only signed ones")
                { Subject = 0, Fixes = Sign },
            new("Loading of module with unavailable key is rejected", "a module was refused: its signing key is not one the kernel trusts")
                { Subject = 0, Fixes = Sign },
            new("Lockdown: {e}: unsigned module loading is restricted", "an unsigned module was refused: the kernel is locked down " +
                "(Secure Boot)") { Subject = 0, Fixes = Sign },
            new("avc:  denied *integrity } for*comm=\"{e}\" lockdown_reason=\"unsigned module loading\"",
                "SELinux refused an unsigned module that {1} wanted to load", "It is SELinux's lockdown check (class lockdown, " +
                "permission integrity), not Secure Boot itself. Kernels from 5.16 on no longer have this check.")
                { Subject = 0, Fixes = [.. Sign, new("Or allow it in the policy", "ausearch -m avc -ts recent | audit2allow -M modload")] },
            new("avc:  denied *module_load } for*comm=\"{e}\" {t}", "SELinux refused a module that {1} wanted to load",
                "The policy does not allow it, or the file has no label or a wrong one.") { Subject = 0,
                Holds = t => !t[^1].Contains("permissive=1", StringComparison.Ordinal),
                    Fixes = [new("Find the rule, and check whether the file's label is right",
                    "ausearch -m avc -ts recent; restorecon -v FILE")] },
            .. KeyRefused("modprobe: ERROR: could not insert '{e}': "), .. KeyRefused("insmod: ERROR: could not insert module {e}: "),
            .. KeyRefused("insmod: error inserting '{e}': -1 "),
            new("modprobe: {e}: invalid module format", "module file {1} is compressed, and this modprobe cannot read it", Packed)
                { Holds = Compressed, Fixes = OwnModprobe, Severity = Severity.Error },
            new("insmod: can't insert {e}: invalid module format", "module file {1} is compressed, and this insmod cannot read it", Packed)
                { Holds = Compressed, Fixes = OwnModprobe },
            new("modprobe: {e}: invalid module format", "module {1} does not belong to this kernel: it was built for another one",
                "Its format, architecture or version differs from this kernel's (the kernel's own line in dmesg shows which)."),
            new("insmod: can't insert {e}: invalid module format", "module {1} does not belong to this kernel: " +
                "it was built for another one"),
            new("modprobe: can't load module {w} ({e}): {t}", "module {1} could not be loaded: {3}", "BusyBox's modprobe reports it. " +
                "With \"No such file\" something that the module needs is not in the image; " +
                "with \"invalid module format\" the file is compressed, or it is for another kernel."),
            new("modprobe: ERROR: could not insert '{e}': Exec format error", "module {1} does not belong to this kernel: " +
                "it was built for another one",
                "Its format, architecture or version differs from this kernel's (the kernel's own line in dmesg shows which)."),
            new("insmod: error inserting '{e}': -1 {t}", "module {1} could not be loaded: {2}"),
            new("modprobe: ERROR: could not insert '{e}': {t}", "module {1} could not be loaded: {2}"),
            new("insmod: ERROR: could not insert module {e}: {t}", "module {1} could not be loaded: {2}"),
            new("ailed to start*Load Kernel Modules", "not every module that /etc/modules-load.d names could be loaded",
                "systemd-modules-load failed: a module does not exist for this kernel, was refused (not signed, " +
                    "built for another kernel), or found no device. Its own lines name the " +
                    "module.") { Subject = 0, Fixes = [new("Find the module and the reason",
                    "systemctl status systemd-modules-load; journalctl -b -u systemd-modules-load; grep -rv '^#' /etc/modules-load.d")] },
            new("{w}: module {w}: {e} has wrong ELF magic", "a file of module {2} is damaged") { Subject = 2 },
            new("module {w}: .gnu.linkonce.this_module section size must match", "module {1} was built for another kernel",
                "Its struct module has another size: built with another configuration."),
        ],
        Origin = "kernel/module/main.c and version.c, kernel/module/signing.c, security/selinux/hooks.c",
    };

    /// <summary>A program that loads a module gets the kernel's error about the module's signature.</summary>
    private static IEnumerable<Telling> KeyRefused(string wording) =>
        new[] { "Required key not available", "Key was rejected by service" }.Select(error => new Telling(wording + error,
            $"module {{1}} was refused: it is not signed with a key that the kernel trusts ({error})",
            "Secure Boot is on (the kernel is locked down), or the kernel accepts only signed modules. " +
                "The module's devices then have no driver.") { Fixes = Sign });

    private static Fix[] Sign =>
    [
        new("Sign the module with a key that the kernel trusts, and enrol that key",
            "mokutil --import MOK.der; /usr/src/linux-headers-$(uname -r)/scripts/sign-file sha256 MOK.priv MOK.der MODULE.ko"),
        new("Or use the distribution's signed package of the same driver"),
    ];

    public static readonly Family NotBuilt = new("dkms-module-not-built", "dkms could not build a module for a kernel")
    {
        Area = Area.Crashing,
        In = Life.First,
        Explains = ["initramfs-not-built", "kernel-hook-failed"],
        Cause = "A module that is built on this machine (a DKMS package) does not compile for that kernel: " +
            "the package is older than the kernel, or the kernel's headers or the compiler do not match. " +
            "Newer versions of dkms end the installation of the kernel there, " +
            "so that kernel may have no initramfs and no entry in the boot menu either.",
        Fixes =
        [
            new("Read the build's log and see what is built for which kernel", "dkms status; tail -40 /var/lib/dkms/*/*/build/make.log"),
            new("Use a version of the module that supports this kernel, or remove the package; " +
                "then install the kernel again, which also builds its " +
                "initramfs", "dkms autoinstall -k {0}; dracut -f --kver {0}   # Debian: update-initramfs -c -k {0}"),
            new("Start the older kernel until then"),
        ],
        Tellings =
        [
            new("Autoinstall on {e} failed for module(s) {t}", "dkms could not build {2} for kernel {1}"),
            new("Error! Bad return status for module build on kernel: {e} ({e})", "dkms could not build a module for kernel {1}"),
            new("Error! Your kernel headers for kernel {e} cannot be found", "dkms built nothing for kernel {1}: its headers are missing",
                "The package with the headers of exactly that kernel is not installed (linux-headers-…, kernel-devel-…).")
                { Fixes = [new("Install the headers, then build",
                    "apt-get install linux-headers-{0} || dnf install kernel-devel-{0}; dkms autoinstall -k {0}")] },
        ],
        Origin = "dkms (its script), kernel-install plug-in 40-dkms.install; dkms-project/dkms issue 472",
    };

    private const string Whose = "modprobe and udev find modules only through the index that depmod writes (modules.dep, modules.alias). " +
        "It is missing for this kernel: the folder is that of another kernel, the image was packed without it, or depmod was never run. " +
        "No module can be loaded by name, so devices whose drivers are modules do not work.";

    public static readonly Family NoIndex = new("modules-not-indexed", "the index of the kernel's modules is not there")
    {
        Area = Area.Crashing,
        Confidence = 0.9,
        Explains = ["boot-program-failed", "root-not-found"],
        Cause = Whose,
        Fixes =
        [
            new("Compare the running kernel with the folders, and write the index", "uname -r; ls /lib/modules; depmod -a KERNEL"),
            new("Build the initramfs again, so that it holds the index", "update-initramfs -u -k KERNEL || dracut -f --kver KERNEL"),
        ],
        Tellings =
        [
            // kmod, module-init-tools and busybox, in this order.
            new("could not open moddep file '{e}'", "modprobe finds no index of modules (modules.dep): {1} is not there") { Subject = 0 },
            new("FATAL: Could not load {e}: No such file", "modprobe finds no index of modules: {1} is not there")
                { Subject = 0, Holds = t => t[0].EndsWith("/modules.dep", StringComparison.Ordinal) },
            new("modprobe: can't open 'modules.dep'", "modprobe finds no index of modules (modules.dep) in the initramfs") { Subject = 0 },
            new("modprobe: can't change directory to '{e}': No such file", "modprobe finds no modules for this kernel: {1} is not there")
                { Subject = 0 },
            new("modprobe: chdir({e}): No such file", "modprobe finds no modules for this kernel: {1} is not there") { Subject = 0 },
        ],
        Origin = "kmod libkmod/libkmod.c kmod_search_moddep(), busybox modutils/modprobe.c, module-init-tools modprobe.c; " +
            "neilbrown/gnubee-tools issue 10",
    };

    public static readonly Family[] All = [Refused, NotBuilt, NoIndex];
}
