using System.Text.Json;
using Kdump.Formats.Archives;

namespace Kdump.Cli.Reports;

/// <summary><c>kdt image list --json</c>.</summary>
internal static class ImageListJson
{
    public static void Write(TextWriter output, BootImage image) => JsonText.Write(output, "kdt.image.list/1", json =>
    {
        json.WriteString("image", image.Name);
        json.WriteNumber("bytes", image.Length);
        WriteSegments(json, image);
        json.WriteStartArray("entries");
        foreach (ImageEntry e in image.Initramfs.Entries)
            Entry(json, "", e.Name, e.Mode, e.Uid, e.Gid, e.Links, e.Type == FileType.Link ? e.Target?.Length ?? 0 : e.Size, e.Modified,
                e.Target, e.Segment, e.Lost);
        foreach (ImageLayer layer in image.Layers.Skip(1))
        {
            foreach (ImageNode n in layer.Root.All().Skip(1))
                Entry(json, layer.Name, n.Path[1..], n.Mode, n.Uid, n.Gid, n.Links, n.Size, n.Modified, n.Target, null, null);
        }
        json.WriteEndArray();
    });

    /// <summary>Writes segments, layers inside, and what the kernel will reject; the same in every document about an image.</summary>
    public static void WriteSegments(Utf8JsonWriter json, BootImage image)
    {
        if (image.KernelFile is { } kernel)
            Kernel(json, kernel, image);
        json.WriteStartArray("segments");
        foreach (ImageSegment s in image.Initramfs.Segments)
        {
            json.WriteStartObject();
            json.WriteNumber("offset", s.Offset);
            json.WriteNumber("length", s.Length);
            json.WriteString("format", s.Format);
            json.WriteString("compression", s.Compression);
            json.WriteNumber("unpackedLength", s.Unpacked);
            json.WriteNumber("entries", s.Entries);
            json.WriteBoolean("early", s.Early);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("layers");
        foreach (ImageLayer layer in image.Layers)
        {
            json.WriteStartObject();
            json.WriteString("name", layer.Name);
            json.WriteString("format", layer.Format);
            json.WriteBoolean("becomesRoot", layer == image.Root);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("objections");
        foreach (Objection o in image.Initramfs.Objections)
        {
            json.WriteStartObject();
            json.WriteNumber("segment", o.Segment);
            json.WriteNumber("offset", o.Offset);
            json.WriteString("text", o.Text);
            if (o.Message is not null)
                json.WriteString("kernelMessage", o.Message);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("damages");
        foreach (Formats.Bytes.Damage d in image.Damages)
            json.WriteStringValue(d.ToString());
        json.WriteEndArray();
    }

    /// <summary>The kernel of a unified kernel image.</summary>
    private static void Kernel(Utf8JsonWriter json, KernelFile kernel, BootImage image)
    {
        json.WriteStartObject("unifiedKernel");
        json.WriteString("architecture", kernel.Architecture);
        json.WriteString("release", kernel.Release);
        json.WriteString("form", kernel.Inner?.Form ?? "");
        json.WriteNumber("pageSize", kernel.Inner?.Inner?.PageSize ?? kernel.Inner?.PageSize ?? 0);
        json.WriteString("commandLine", image.Kernel!.Text(".cmdline") ?? "");
        json.WriteStartArray("sections");
        foreach (string section in kernel.Sections)
            json.WriteStringValue(section);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Entry(Utf8JsonWriter json, string layer, string path, uint mode, uint uid, uint gid, uint links, long size,
        long modified, string? target, int? segment, string? lost)
    {
        json.WriteStartObject();
        json.WriteString("path", path);
        if (layer.Length > 0)
            json.WriteString("layer", layer);
        if (segment is int s)
            json.WriteNumber("segment", s);
        json.WriteString("mode", FileType.ModeText(mode));
        json.WriteNumber("uid", uid);
        json.WriteNumber("gid", gid);
        json.WriteNumber("links", links);
        json.WriteNumber("size", size);
        json.WriteNumber("modified", modified);
        if (target is not null)
            json.WriteString("target", target);
        if (lost is not null)
            json.WriteString("lost", lost);
        json.WriteEndObject();
    }
}
