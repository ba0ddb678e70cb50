using Kdump.Diagnosis.Model;
using Kdump.Formats.Archives;

namespace Kdump.Cli.Reports;

/// <summary><c>kdt image list</c> as text: each segment with a headline and its files in the format of <c>ls -l</c>.</summary>
internal static class ImageListText
{
    public static void Write(TextWriter output, BootImage image)
    {
        Initramfs initramfs = image.Initramfs;
        if (image.KernelFile is { } kernel)
            output.WriteLine($"# {ImageCheckText.Unified(kernel, image)}");
        int at = 0;
        foreach (ImageSegment segment in initramfs.Segments)
        {
            output.WriteLine(
                $"# segment {segment.Index}: {Form(segment)} at 0x{segment.Offset:x}, " +
                $"{Counted.Of(segment.Length, "byte")}{(segment.Compression == "none" ? "" : $" ({segment.Unpacked} unpacked)")}, " +
                $"{Counted.Of(segment.Entries, "entry")}{(segment.Early ? ", early (microcode)" : "")}");
            for (; at < initramfs.Entries.Count && initramfs.Entries[at].Segment == segment.Index; at++)
                WriteEntry(output, initramfs.Entries[at]);
        }
        foreach (ImageLayer layer in image.Layers.Skip(1))
        {
            output.WriteLine($"# {Printable.Escape(layer.Name)}: {layer.Format}{(layer.BecomesRoot ? ", becomes the root" : "")}");
            foreach (ImageNode node in layer.Root.All())
                WriteNode(output, node);
        }
        foreach (Objection objection in initramfs.Objections)
            output.WriteLine($"# segment {objection.Segment}: {Printable.Escape(objection.Text)}");
    }

    private static string Form(ImageSegment segment) =>
        segment.Compression == "none" ? segment.Format : $"{segment.Format}, {segment.Compression}";

    private static void WriteEntry(TextWriter output, ImageEntry e)
    {
        WriteLine(output, e.Mode, e.Links, e.Uid, e.Gid, e.Type == FileType.Link ? e.Target?.Length ?? 0 : e.Size, e.SpecialMajor,
            e.SpecialMinor, e.Modified, e.Name, e.Target);
        if (e.Lost is not null)
            output.WriteLine($"#   lost: {Printable.Escape(e.Lost)}");
    }

    private static void WriteNode(TextWriter output, ImageNode n) =>
        WriteLine(output, n.Mode, n.Links, n.Uid, n.Gid, n.Size, n.SpecialMajor, n.SpecialMinor, n.Modified, n.Parent is null ? "."
            : n.Path[1..], n.Target);

    private static void WriteLine(TextWriter output, uint mode, uint links, uint uid, uint gid, long size, uint major, uint minor,
        long modified, string name, string? target)
    {
        bool device = (mode & FileType.Mask) is FileType.Block or FileType.Character;
        string amount = device ? $"{major}, {minor}" : size.ToString();
        output.Write($"{FileType.ModeText(mode)} {links,3} {uid,-5} {gid,-5} {amount,10} {Date(modified)} {Printable.Escape(name)}");
        output.WriteLine(target is null ? "" : " -> " + Printable.Escape(target));
    }

    private static string Date(long seconds) =>
        seconds is >= 0 and < 253402300800 ? DateTime.UnixEpoch.AddSeconds(seconds).ToString("yyyy-MM-dd HH:mm") : $"{seconds,16}";
}
