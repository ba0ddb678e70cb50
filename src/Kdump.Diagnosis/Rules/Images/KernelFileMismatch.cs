using Kdump.Diagnosis.Evidence.Images;
using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Images;

/// <summary>
/// The kernel's file is for another machine: another architecture, other pages than the running kernel's, or (in a unified kernel image)
/// another release than the modules beside it.
/// </summary>
public sealed class KernelFileMismatch : Rule
{
    public override string Id => "kernel-file-mismatch";

    public override Entry Entry => new("kernel-file-mismatch", "the crash kernel's file does not fit the machine or its image")
    {
        Area = Area.Image,
        Signature = ["Machine of the PE header, page size in the flags of an arm64 Image, .uname of a unified kernel image"],
        Cause = "A kernel package of another architecture or with other pages (kernel-64k, linux-image-*-16k) " +
            "is installed beside the running one and was chosen, or a unified kernel image was put together of parts of two kernels.",
        Fixes = [new("Choose the kernel of the running one's kind, or build the unified kernel image again")],
        Origin = "arch/arm64/include/asm/image.h, Documentation/arch/arm64/booting.rst, kdump-utils kdump-lib.sh prepare_kdump_kernel",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (KernelImageForm kernel in facts.Of<KernelImageForm>())
        {
            if (Foreign(kernel, facts) is { } foreign)
                yield return foreign;
            else if (Pages(kernel, facts) is { } pages)
                yield return pages;
            if (kernel is { InImage: true, Release.Length: > 0 } && facts.Of<ImageSummary>() is [{ Releases.Count: > 0 } image, ..] &&
                !image.Releases.Contains(kernel.Release))
                yield return new Finding(Id,
                    $"the unified kernel image names kernel {kernel.Release}, and its modules are for {string.Join(", ", image.Releases)}",
                    Severity.Error, 0.9, "The kernel in it loads none of the modules beside it.")
                {
                    Subject = kernel.Release,
                    Evidence = [kernel.Source, image.Source],
                    Fixes = [new Fix("Build the unified kernel image again, of one kernel's parts")],
                };
        }
    }

    private Finding? Foreign(KernelImageForm kernel, Facts facts)
    {
        if (kernel.Architecture.Length == 0 || facts.Of<MachineArchitecture>() is not [var machine, ..] ||
            machine.Name == kernel.Architecture)
            return null;
        bool narrow = (machine.Name, kernel.Architecture) is ("x86_64", "i386") or ("aarch64", "arm");
        return new Finding(Id, $"the kernel's file is for {kernel.Architecture}, and the machine is {machine.Name}",
            narrow ? Severity.Warning : Severity.Critical, narrow ? 0.6 : 0.95,
            narrow ? "A kernel of 32 bits sees the machine's low memory only, and cannot dump the rest."
                : "kexec refuses it, or the machine stops in its first instruction: a crash leaves no dump.")
        {
            Subject = kernel.Architecture,
            Evidence = [kernel.Source, machine.Source],
            Fixes = [new Fix($"Install the kernel for {machine.Name}, or correct the setting that names the file",
                "file /boot/vmlinuz-$(uname -r); uname -m; grep -h KDUMP_KERNEL /etc/sysconfig/kdump /etc/default/kdump-tools")],
        };
    }

    private Finding? Pages(KernelImageForm kernel, Facts facts)
    {
        if (kernel.PageSize == 0 || facts.Of<MachinePageSize>() is not [var running, ..] || running.Bytes == kernel.PageSize)
            return null;
        bool larger = kernel.PageSize > running.Bytes;
        return new Finding(Id, $"the crash kernel has pages of {kernel.PageSize >> 10} KB, " +
            $"and the running kernel of {running.Bytes >> 10} KB", Severity.Warning, 0.7, larger
            ? "It needs more memory than the running one does (each small file and each stack takes a whole page), " +
                "its processor must support such pages, and programs of the image that were linked for smaller pages do not start."
            : "It cannot mount a file system whose blocks are larger than its pages (xfs before Linux 6.12, ext4 before 6.19; " +
                $"a btrfs made with sectors of {running.Bytes >> 10} KB).")
        {
            Subject = "pages",
            Evidence = [kernel.Source, running.Source],
            Fixes = [new Fix(
                "Take the kernel with the running one's pages as crash kernel (KDUMP_KERNELVER empty in /etc/sysconfig/kdump; " +
                "KDUMP_KERNEL in /etc/default/kdump-tools)", "getconf PAGESIZE; file /boot/vmlinuz-$(uname -r)"),
                new Fix("Where the difference is meant, test it: crash the machine once")],
        };
    }
}
