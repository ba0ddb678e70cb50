using Kdump.Diagnosis.Evidence.Images;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Rules.Images;

/// <summary>
/// Tools can read the image but the kernel cannot: an unsupported xz check or LZ4 format, or a window size that is not allowed.
/// </summary>
public sealed class ImageRefused : Rule
{
    public override string Id => "image-refused-by-kernel";

    public override Entry Entry => new("image-refused-by-kernel", "the kernel cannot unpack the image")
    {
        Area = Area.Image,
        Signature = ["an xz check or LZ4 format that the kernel does not support, a window size that it does not allow"],
        Cause = "Tools on the running system support more formats than the kernel's own decompressors.",
        Fixes = [new("Compress it with a method that CONFIG_RD_* allows")],
        Origin = "init/initramfs.c, dracut, kdump-utils",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        string? release;
        if (facts.Of<MachineKernel>() is [var machine, ..])
            release = machine.Release;
        else
            release = facts.Of<ImageSummary>() is [{ Releases: [var first, ..] }, ..] ? first : null;
        foreach (ImageObjection o in facts.Of<ImageObjection>())
        {
            if (o.Before.Length > 0 && release is not null && Older(release, o.Before) == false)
                continue;
            Severity severity;
            if (o.Costly)
                severity = Severity.Info;
            else if (o.Fatal && (o.Before.Length == 0 || release is not null))
                severity = Severity.Critical;
            else
                severity = Severity.Warning;
            yield return new Finding(Id, o.Text, severity, o.Before.Length > 0 && release is null ? 0.5 : 0.95,
                o.Costly ? "The decompressor needs this memory " +
                    "while the compressed and the unpacked image are both in the crash kernel's small memory."
                    : "The kernel's own decompressor is stricter " +
                        $"than the libraries of user space{(o.KernelMessage is null ? "" : $"; it stops with \"{o.KernelMessage}\"")}.")
            {
                Subject = o.Source.Place,
                Evidence = [o.Source],
                Fixes = [.. DumpImage.Rebuild(
                    "Pack the image with the defaults of dracut or initramfs-tools (zstd, gzip, xz --check=crc32, lz4 -l)")],
            };
        }
    }

    /// <summary>Whether a release is older than a version; null when it is no version.</summary>
    internal static bool? Older(string release, string version)
    {
        (int Major, int Minor)? a = Parse(release), b = Parse(version);
        return a is null || b is null ? null : a.Value.Major < b.Value.Major ||
            (a.Value.Major == b.Value.Major && a.Value.Minor < b.Value.Minor);
    }

    private static (int, int)? Parse(string text)
    {
        var c = new TextCursor(text);
        return c.Number(out long major) && c.Skip(".") && c.Number(out long minor) && major is >= 0 and < 1000 && minor is >= 0 and < 100000
            ? ((int)major, (int)minor) : null;
    }
}
