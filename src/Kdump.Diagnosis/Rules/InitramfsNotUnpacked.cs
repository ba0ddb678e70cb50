using Kdump.Diagnosis.Evidence;

namespace Kdump.Diagnosis.Rules;

/// <summary>The kernel could not unpack its initramfs: init/initramfs.c.</summary>
public sealed class InitramfsNotUnpacked : Rule
{
    public override string Id => "initramfs-unpack-failed";

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        InitramfsUnpackFailed? failure = facts.Of<InitramfsUnpackFailed>().Where(u => u.MayBeCapture).OrderByDescending(u => u.Boot?.Capture == true).FirstOrDefault();
        if (failure is null)
            yield break;
        bool capture = failure.Boot?.Capture == true;
        bool full = failure.Reason == "write error";
        yield return new Finding(Id, $"{(capture ? "the crash kernel" : "the kernel of this log")} could not unpack its initramfs ({failure.Reason})", Severity.Critical, capture ? 0.95 : 0.8,
            full ? "The file system in memory that takes the unpacked image was full: it may hold half of what memory is left."
                : "The image, or a part of it, is not what this kernel can unpack: cut short, damaged, or packed with a compressor (or, for xz, a checksum) that the kernel was built without.")
        {
            CausedBy = full ? ["crashkernel-too-small"] : ["kernel-config-lacks-kdump"],
            Fixes = full ? [] : 
            [
                new Fix("Look at the image's parts (kdt image check) and build it anew. RHEL, Fedora", "kdumpctl rebuild && kdumpctl restart"),
                new Fix("Debian, Ubuntu: build it anew", "rm /var/lib/kdump/initrd.img-$(uname -r) && kdump-config unload && kdump-config load"),
            ],
            Evidence = [failure.Source, .. failure.Boot?.CaptureEvidence is { } proof ? new[] { proof } : []],
        };
    }
}
