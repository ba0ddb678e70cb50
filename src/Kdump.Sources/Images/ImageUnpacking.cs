using Kdump.Diagnosis.Evidence.Images;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Archives;
using Kdump.Formats.Compression;

namespace Kdump.Sources.Images;

/// <summary>Whether the kernel and kmod can unpack an image, its modules, and the root inside it.</summary>
public static class ImageUnpacking
{
    /// <summary>Modules that dracut's squash modules load before they mount the root inside the image.</summary>
    public static readonly string[] LoaderModules = ["loop", "squashfs", "erofs", "overlay"];

    private static readonly (string Suffix, string Library, string Option)[] Packings =
        [(".xz", "liblzma.so.5", "MODULE_COMPRESS_XZ"), (".zst", "libzstd.so.1", "MODULE_COMPRESS_ZSTD"),
            (".gz", "libz.so.1", "MODULE_COMPRESS_GZIP")];

    /// <summary>Checks the compression of each segment against the kernel's configuration.</summary>
    public static void Segments(BootImage image, Facts facts)
    {
        Inner(image, facts);
        foreach (ImageSegment s in image.Initramfs.Segments)
        {
            if (Array.Find(StreamCodecs.All, c => c.Name == s.Compression)?.Kernel is not { } name)
                continue;
            if (facts.Of<KernelOption>().FirstOrDefault(o => "CONFIG_" + o.Name == name) is { Off: true } option)
                facts.Add(new ImageObjection(option.Source, true,
                    $"segment {s.Index} is compressed with {s.Compression}, which this kernel does not support ({name})",
                    $"compression method {s.Compression} not configured"));
        }
    }

    /// <summary>Checks the root inside the image against what this kernel can mount (fs/squashfs/Kconfig, fs/erofs/Kconfig).</summary>
    private static void Inner(BootImage image, Facts facts)
    {
        if (image.Root == image.Outer || image.Root.Format is not ("squashfs" or "erofs"))
            return;
        string format = image.Root.Format.ToUpperInvariant();
        string[] needed = image.Root.Format == "squashfs" && image.Root.Compression.Length > 0
            ? ["SQUASHFS", "SQUASHFS_" + image.Root.Compression.ToUpperInvariant(), "BLK_DEV_LOOP", "OVERLAY_FS"]
            : [format == "EROFS" ? "EROFS_FS" : format, "BLK_DEV_LOOP", "OVERLAY_FS"];
        foreach (string name in needed)
        {
            if (facts.Of<KernelOption>().FirstOrDefault(o => o.Name == name) is { Off: true } option)
                facts.Add(new ImageObjection(option.Source, true,
                    $"the root inside is a {image.Root.Format}" +
                        (image.Root.Compression.Length > 0 ? $" packed with {image.Root.Compression}" : "") +
                    $", and this kernel was built without CONFIG_{name}", $"{image.Root.Name} cannot be mounted"));
        }
    }

    /// <summary>
    /// Checks compressed modules: kmod unpacks them with a library that it is linked to or opens, or leaves that to the kernel.
    /// </summary>
    public static void Modules(ImageView view, ImageModules modules, ImagePrograms programs, Facts facts)
    {
        // Without libkmod as a file (busybox, a static kmod) nothing is known.
        if (programs.Library("libkmod.so.2") is not { } kmod)
            return;
        foreach ((string suffix, string library, string option) in Packings)
        {
            ImageModule[] packed = modules.All.Values.Where(m => m.Packing == suffix).ToArray();
            bool knows = kmod.Elf.Needed.Contains(library) || kmod.Elf.Opens.Any(o => o.Sonames.Contains(library));
            if (packed.Length == 0 || (knows && programs.Library(library) is not null))
                continue;
            KernelOption? decompress = facts.Of<KernelOption>().FirstOrDefault(o => o.Name == "MODULE_DECOMPRESS"),
                method = facts.Of<KernelOption>().FirstOrDefault(o => o.Name == option);
            bool? kernel = facts.Any<KernelOption>() ? decompress is { Value: "y" } && method is { Value: "y" } : null;
            if (kernel != true)
                facts.Add(new ModulePackingUnread(
                    view.Quote(kmod.Node, knows ? $"{kmod.Node.Name} uses {library}, which is not in the image"
                    : $"{kmod.Node.Name} does not use {library}"), suffix, packed.Length, library, kernel));
        }
    }

    /// <summary>Checks the modules that mount the root inside: in the outer tree, or built into the kernel.</summary>
    public static void Loader(BootImage image, ImageView outer, ImageModules loader, ImageModules inner, Facts facts)
    {
        // Only the kernel's list shows which of them are built in.
        if (!loader.KnowsBuiltin && !inner.KnowsBuiltin || image.Root.Format == "cpio")
            return;
        foreach (string module in new[] { "loop", image.Root.Format, "overlay" }.Where(m => !loader.Has(m) && !inner.IsBuiltin(m)))
            facts.Add(new TargetDriver(new Source(outer.Shown("/" + image.Root.Name), $"a {image.Root.Format} root"), image.Root.Name,
                image.Root.Name, module, module, false));
    }
}
