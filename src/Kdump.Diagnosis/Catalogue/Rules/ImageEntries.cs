namespace Kdump.Diagnosis.Catalogue.Rules;

/// <summary>What the catalogue says of rules written by hand: the image.</summary>
internal static class ImageEntries
{
    public static readonly Entry[] All =
    [
        new("image-refused-by-kernel", "the kernel does not take the image")
        {
            Area = Area.Image,
            Signature = ["an xz check or LZ4 form it does not know, a window it does not allow"],
            Cause = "Tools on the running system read more forms than the kernel's own decompressors.",
            Fixes = [new("Pack it with what CONFIG_RD_* allows")],
            Origin = "init/initramfs.c, dracut, kdump-utils",
        },
        new("image-init-missing", "the image has no /init")
        {
            Area = Area.Image,
            Signature = ["no executable /init in the virtual tree"],
            Cause = "The kernel then looks for a root file system of its own and panics.",
            Fixes = [new("Build the image anew")],
            Origin = "init/initramfs.c, dracut, kdump-utils",
        },
        new("image-kernel-mismatch", "the modules in the image are of another kernel")
        {
            Area = Area.Image,
            Signature = ["lib/modules/… other than the kernel to boot"],
            Cause = "None of them loads.",
            Fixes = [new("Build the image for the kernel that will boot it")],
            Origin = "init/initramfs.c, dracut, kdump-utils",
        },
        new("module-dependency-missing", "a module needs one that is not in the image")
        {
            Area = Area.Image,
            Signature = ["modules.dep"],
            Cause = "It cannot be loaded.",
            Fixes = [new("Build the image anew; name the module in extra_modules")],
            Origin = "init/initramfs.c, dracut, kdump-utils",
        },
        new("library-missing-in-image", "a program in the image lacks a shared library")
        {
            Area = Area.Image,
            Signature = ["DT_NEEDED without a file"],
            Cause = "It ends with exit code 127 (\"error while loading shared libraries\").",
            Fixes = [new("Install the library into the image")],
            Origin = "init/initramfs.c, dracut, kdump-utils",
        },
        new("interpreter-missing-in-image", "a script's shell or a program's linker is not in the image")
        {
            Area = Area.Image,
            Signature = ["#! or PT_INTERP without a file"],
            Cause = "Starting it says \"not found\" although the file is there.",
            Fixes = [new("Install it into the image")],
            Origin = "init/initramfs.c, dracut, kdump-utils",
        },
        new("hook-not-executable", "a hook is not executable")
        {
            Area = Area.Image,
            Signature = ["mode without x"],
            Cause = "It is copied and never started.",
            Fixes = [new("chmod +x, and build the image anew")],
            Origin = "init/initramfs.c, dracut, kdump-utils",
        },
        new("program-damaged-in-image", "a program in the image is cut short")
        {
            Area = Area.Image,
            Signature = ["an ELF file shorter than its headers say"],
            Cause = "Stripped although it carries data behind its sections, or written to a full disk.",
            Fixes = [new("Keep it from being stripped; build the image anew")],
            Origin = "init/initramfs.c, dracut, kdump-utils",
        },
        new("configured-program-missing", "the configuration names a program that the image does not hold")
        {
            Area = Area.Image,
            Signature = ["kdump_pre, kdump_post, core_collector, extra_bins"],
            Cause = "It is not found when it is needed.",
            Fixes = [new("Name it in extra_bins")],
            Origin = "init/initramfs.c, dracut, kdump-utils",
        },
        new("image-stale", "the image is older than what it was built from")
        {
            Area = Area.Image,
            Signature = ["a file of the machine newer than its copy in the image"],
            Cause = "Changed settings, drivers, keys or programs are not in it: dracut and kdumpctl do not watch all of them. A disk image cloned with its kdump image is the worst case.",
            Fixes = [new("Build the image anew")],
            Origin = "init/initramfs.c, dracut, kdump-utils",
        },
        new("cmdline-parameter-harmful", "the crash kernel gets a parameter it should not")
        {
            Area = Area.Image,
            Signature = ["hugepages=, hugetlb_cma=, cma=, swiotlb=, slub_debug=, maxcpus=, panic_on_warn …"],
            Cause = "Inherited from the first kernel: it takes memory (log_buf_len=64M, hugepages=, slub_debug= 33 MB, prot_virt 2.5 GB) or ends the crash kernel early (panic_on_warn). maxcpus= leaves the other CPUs possible, nr_cpus= is meant.",
            Fixes = [new("KDUMP_COMMANDLINE_REMOVE in /etc/sysconfig/kdump")],
            Origin = "init/initramfs.c, dracut, kdump-utils",
        },
        new("image-entry-lost", "the kernel drops entries of the archive without a word")
        {
            Area = Area.Image,
            Signature = ["a path without its folder"],
            Cause = "Names come before the folders that hold them, or are too long.",
            Fixes = [new("Build the image with another tool")],
            Origin = "init/initramfs.c, dracut, kdump-utils",
        },
    ];
}
