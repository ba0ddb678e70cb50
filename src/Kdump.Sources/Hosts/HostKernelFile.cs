using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Archives;
using Kdump.Formats.Bytes;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Hosts;

/// <summary>
/// The file of the crash kernel, where the machine's tools look for it: kdump-lib.sh prepare_kdump_kernel (KDUMP_KERNELVER, unified kernel
/// images), kdump-config (KDUMP_KERNEL), SUSE's load.sh.
/// </summary>
internal static class HostKernelFile
{
    public static void Collect(MachineTree root, Facts facts)
    {
        if (Paths(root, facts).FirstOrDefault(root.IsFile) is not { } path || root.Open(path) is not { } stream)
            return;
        try
        {
            using IByteSource source = TreeBytes.Of(root.Shown(path), stream);
            if (KernelFile.Read(source) is { } file)
                facts.Add(Fact(file, root.Shown(path), inImage: false));
        }
        catch (Exception e) when (e is InputException or IOException or UnauthorizedAccessException)
        {
            // A file that cannot be read yields no facts.
        }
    }

    internal static KernelImageForm Fact(KernelFile file, string shown, bool inImage)
    {
        KernelFile kernel = file.Inner is { Form: not "zboot" } inner ? inner : file.Inner?.Inner ?? file;
        return new KernelImageForm(new Source(shown, file.Name + (file.Inner is null || file.Form == "zboot" ? "" : ", " +
            $"in it {file.Inner.Name}")), file.Form)
        {
            Architecture = kernel.Architecture.Length > 0 ? kernel.Architecture : file.Architecture,
            PageSize = kernel.PageSize,
            Packing = file.Form switch
            {
                "zboot" => file.Packing,
                _ when file.Inner is { Form: "zboot" } zboot => zboot.Packing,
                _ => "",
            },
            Release = file.Release,
            InImage = inImage,
        };
    }

    private static IEnumerable<string> Paths(MachineTree root, Facts facts)
    {
        KdumpSetting? own = Last("KDUMP_KERNEL"), version = Last("KDUMP_KERNELVER");
        if (own is { Value: ['/', ..] })
            yield return own.Value;
        string release = version?.Value ?? (facts.Of<MachineKernel>() is [var running, ..] ? running.Release : "");
        if (release.Length == 0)
            yield break;
        foreach (string name in new[] { "/boot/vmlinuz-", "/boot/Image-", "/boot/image-", "/boot/vmlinux-" })
            yield return name + release;
        yield return $"/lib/modules/{release}/vmlinuz";
        foreach (string folder in new[] { "/boot/EFI/Linux", "/boot/efi/EFI/Linux", "/efi/EFI/Linux" })
        {
            foreach (string name in root.List(folder).Where(n => n.EndsWith($"-{release}.efi", StringComparison.Ordinal) ||
                n == release + ".efi"))
                yield return $"{folder}/{name}";
        }

        KdumpSetting? Last(string name) => facts.Of<KdumpSetting>().LastOrDefault(s => s.Name == name && s.Value.Length > 0);
    }

    /// <summary>A file of a tree by offsets; from an archive, whose files are streams, only its beginning.</summary>
    private sealed class TreeBytes(string name, Stream stream) : IByteSource
    {
        private const int Beginning = 4 << 20;

        public string Name => name;

        public long Length => stream.Length;

        public static IByteSource Of(string name, Stream stream)
        {
            if (stream.CanSeek)
                return new TreeBytes(name, stream);
            using (stream)
            {
                var bytes = new byte[Beginning];
                return new MemorySource(name, bytes.AsMemory(0, stream.ReadAtLeast(bytes, Beginning, throwOnEndOfStream: false)));
            }
        }

        public int Read(long offset, Span<byte> buffer)
        {
            lock (stream)
            {
                if (offset < 0 || offset >= stream.Length)
                    return 0;
                stream.Position = offset;
                return stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            }
        }

        public void Dispose() => stream.Dispose();
    }
}
