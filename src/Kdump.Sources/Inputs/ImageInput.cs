using Kdump.Formats.Archives;
using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;

namespace Kdump.Sources.Inputs;

/// <summary>An image by path, or from standard input or a pipe into memory.</summary>
public static class ImageInput
{
    /// <summary>Standard input and pipes cannot be read twice, so they are held.</summary>
    private const int MaxPiped = 1 << 30;

    /// <exception cref="InputException">It cannot be read, or is something other than an initramfs, which the message names.</exception>
    public static BootImage Open(string path, Func<Stream> input)
    {
        // A pipe of the shell's process substitution cannot be read twice either.
        if (path != "-" && !FileKind.IsFifo(path))
            return Checked(path, BootImage.Open(path), () => File.OpenRead(path));
        using Stream stream = path == "-" ? input() : OpenInput.OpenFile(path);
        var memory = new MemoryStream();
        var buffer = new byte[128 * 1024];
        while (stream.Read(buffer, 0, buffer.Length) is > 0 and var n)
        {
            if (memory.Length + n > MaxPiped)
                throw new InputException(path, "pipe", memory.Length, $"more than {MaxPiped >> 20} MiB: give a file");
            memory.Write(buffer, 0, n);
        }
        memory.Position = 0;
        return Checked(path, BootImage.Open(new MemorySource(path, memory.GetBuffer().AsMemory(0, (int)memory.Length))), () => memory);
    }

    /// <summary>
    /// Refuses a text, a program or an archive, which are other files given by mistake, and an empty file or one of zeros, which
    /// cannot be judged. A file with an unknown beginning is judged as a crash kernel would see it.
    /// </summary>
    private static BootImage Checked(string path, BootImage image, Func<Stream> content)
    {
        using OpenInput input = OpenInput.Of(path, content());
        FirstBytes kind = input.Kind;
        bool nothing = image.Initramfs.Entries.Count == 0 && image.Layers.Count == 1;
        if (!kind.IsArchive && kind.Family is not (ContentFamily.Text or ContentFamily.Program or ContentFamily.Dump
            or ContentFamily.OtherDump or ContentFamily.Disk or ContentFamily.Empty)
            && !(kind.Family is ContentFamily.Zeros or ContentFamily.FileSystem && nothing))
            return image;
        image.Dispose();
        if (kind.Family is ContentFamily.Empty or ContentFamily.Zeros)
            throw new InputException(path, "content", 0, kind.Family == ContentFamily.Empty ? "nothing was recognised: the file is empty"
                : $"nothing was recognised: it begins with {kind.Name}");
        throw new InputException(path, "content", 0,
            $"not an initramfs: it is {kind.Name}{(input.Packing.Length == 0 ? "" : $", packed with {input.Packing}")}");
    }
}
