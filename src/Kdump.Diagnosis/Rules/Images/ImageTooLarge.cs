using Kdump.Diagnosis.Evidence.Images;
using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Images;

/// <summary>
/// The image does not fit into the memory of the crash kernel. While it unpacks, both forms are in memory; a tmpfs root uses at
/// most half of the remaining memory (init/do_mounts.c; "Initramfs unpacking failed: write error").
/// </summary>
public sealed class ImageTooLarge : Rule
{
    /// <summary>Text, data and early allocations of a distribution kernel with one CPU; measured kernels take 40 to 70 MB.</summary>
    private const long Kernel = 40L << 20;

    public override string Id => "crashkernel-too-small";

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        if (facts.Of<CrashReservation>() is not [var reservation, ..] || facts.Of<ImageSummary>() is not [var image, ..])
            yield break;
        if (reservation.Bytes == 0)
        {
            yield return new Finding("crashkernel-not-reserved", "no memory is reserved for a crash kernel", Severity.Critical, 0.95,
                "The image cannot even be loaded.")
            {
                Evidence = [reservation.Source],
                Fixes = [.. CrashKernelOption.Reservation(256, "by a crashkernel= parameter")],
            };
            yield break;
        }
        // If the whole machine was checked, crashkernel-too-small is judged by HostReservationSmall.
        if (facts.Any<MemoryOutlook>())
            yield break;
        long left = reservation.Bytes - Kernel - image.Bytes;
        string sizes = $"{Mb(image.Bytes)} compressed and {Mb(image.Unpacked)} unpacked, and {Mb(reservation.Bytes)} are reserved";
        if (image.Bytes + image.Unpacked + Kernel > reservation.Bytes)
        {
            yield return new Finding(Id, $"the image does not fit: {sizes}", Severity.Critical, 0.9,
                "During unpacking, " +
                    "the compressed image, the unpacked image and the kernel itself are in the reserved memory at the same time.")
            {
                Impact = "A crash now leaves no dump: the crash kernel cannot unpack its image.",
                Reckoning = Reckoning(reservation, image),
                Evidence = [reservation.Source, image.Source],
                Fixes = [.. Larger(image), Smaller],
            };
        }
        else if (image.Unpacked * 2 > left)
        {
            yield return new Finding(Id, $"the image may not fit: {sizes}", Severity.Warning, 0.6,
                "A tmpfs root uses at most half of the free memory, and the unpacked image needs more than that.")
            {
                Reckoning = Reckoning(reservation, image),
                Evidence = [reservation.Source, image.Source],
                Fixes = [.. Larger(image), Smaller],
            };
        }
    }

    private static Reckoned[] Reckoning(CrashReservation reservation, ImageSummary image) =>
    [
        Reckoned.Bytes("reserved", reservation.Bytes),
        Reckoned.Bytes("image, compressed", image.Bytes),
        Reckoned.Bytes("image, unpacked", image.Unpacked),
        Reckoned.Bytes("kernel", Kernel, "at least"),
    ];

    private static readonly Fix Smaller =
        new("Make the image smaller: hostonly mode, the squash module of dracut, drivers left out");

    private static IEnumerable<Fix> Larger(ImageSummary image)
    {
        long size = (Kernel + image.Bytes + image.Unpacked * 2 + (64L << 20) - 1) / (64L << 20) * 64;
        return CrashKernelOption.Reservation(size, "for this image");
    }

    private static string Mb(long bytes) => $"{(bytes + (1 << 19)) >> 20} MB";
}
