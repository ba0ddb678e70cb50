using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>The kernel could not unpack its initramfs: init/initramfs.c.</summary>
public sealed class InitramfsNotUnpacked : Rule
{
    public override string Id => "initramfs-unpack-failed";

    public override Entry Entry => new("initramfs-unpack-failed", "the kernel could not unpack its initramfs")
    {
        Area = Area.Starting,
        Signature =
        [
            "Initramfs unpacking failed: write error",
            "Initramfs unpacking failed: invalid magic at start of compressed archive",
            "Initramfs unpacking failed: junk within compressed archive",
            "Initramfs unpacking failed: XZ-compressed data is corrupt",
            "Initramfs unpacking failed: broken padding",
            "Initramfs unpacking failed: no cpio magic",
            "rootfs image is not initramfs (…)",
        ],
        Cause = "\"write error\": the in-memory file system may use half of the free memory, and the image is larger. " +
            "The other messages: the image is compressed with a method that the kernel was built without, " +
            "it uses xz with an unsupported checksum, it has several parts in an unsupported order, or it is truncated.",
        Fixes =
        [
            new("Check its parts", "kdt image check IMAGE"),
            new("Reserve more memory; from 6.18 on, initramfs_options=size=90% allows more than half"),
        ],
        Origin = "init/initramfs.c, lib/decompress_*.c; kdump-utils commits 4e1f06e and 2f435ad; Launchpad bug 1840945",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        InitramfsUnpackFailed? failure = facts.Of<InitramfsUnpackFailed>().Where(u => u.MayBeCapture)
            .OrderByDescending(u => u.Boot?.Capture == true).FirstOrDefault();
        if (failure is null)
            yield break;
        bool capture = failure.Boot?.Capture == true;
        bool full = failure.Reason == "write error";
        if (!capture && facts.Of<RootReached>().FirstOrDefault(r => r.Boot == failure.Boot) is { } reached)
        {
            yield return GoneOn(failure, reached);
            yield break;
        }
        yield return new Finding(Id,
            $"{(capture ? "the crash kernel" : "the kernel of this log")} could not unpack its initramfs ({failure.Reason})",
            Severity.Critical, capture ? 0.95 : 0.8,
            full ? "The in-memory file system for the unpacked image was full: it may use half of the free memory."
                : "This kernel cannot unpack the image or a part of it: " +
                    "it is truncated, damaged, or compressed with a method (or, for xz, a checksum) that the kernel was built without.")
        {
            EndsWithKernel = true,
            CausedBy = full ? ["crashkernel-too-small"] : ["kernel-config-lacks-kdump"],
            Fixes = full ? [] : 
            [
                new Fix("Check the image's parts (kdt image check) and rebuild it. RHEL, Fedora",
                    "kdumpctl rebuild && kdumpctl restart"),
                new Fix("Debian, Ubuntu: rebuild it",
                    "rm /var/lib/kdump/initrd.img-$(uname -r) && kdump-config unload && kdump-config load"),
            ],
            Evidence = [failure.Source, .. failure.Boot?.CaptureEvidence is { } proof ? new[] { proof } : []],
        };
    }

    /// <summary>What came after a part that was unpacked, or no initramfs at all: the machine found its root without it.</summary>
    private Finding GoneOn(InitramfsUnpackFailed failure, RootReached reached) => new(Id,
        $"a part of the initramfs was not unpacked ({failure.Reason}), and the machine started nevertheless", Severity.Warning, 0.85,
        "What was unpacked before it sufficed, or the kernel mounted its root file system without an initramfs. Often the boot loader " +
            "or the flash partition hands over more bytes than the image has.")
    {
        Fixes =
        [
            new Fix("If a driver or a program of the image is missing: compare its size with what the boot loader loads, and build it " +
                "again", "ls -l /boot; dracut -f || update-initramfs -u"),
        ],
        Evidence = [failure.Source, reached.Source],
    };
}
