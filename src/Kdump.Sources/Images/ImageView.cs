using System.Text;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Text;
using Kdump.Formats.Archives;
using Kdump.Formats.Bytes;

namespace Kdump.Sources.Images;

/// <summary>
/// One layer of an image that is checked separately: the outer tree, or the root inside it that programs run in. Files are read once, in
/// the order of the image, and small texts are kept.
/// </summary>
public sealed class ImageView(BootImage image, ImageLayer layer)
{
    private const int MaxText = 4 << 20;

    public ImageLayer Layer => layer;

    public string Name => image.Name;

    /// <summary>Every regular file, in the order in which reading is cheap.</summary>
    public IEnumerable<ImageNode> Files => layer.Root.All().Where(n => n.IsFile).OrderBy(n => n.Content.Order);

    public ImageNode? Find(string path) => layer.Find(path);

    /// <summary>A file as messages name it: <c>kdump.img:/etc/kdump.conf</c>.</summary>
    public string Shown(string path) => layer.Name.Length == 0 ? $"{image.Name}:{path}" : $"{image.Name}:{layer.Name}:{path}";

    public Source Quote(ImageNode node, string text) => new(Shown(node.Path), text);

    public string? Text(string path) => Bytes(path) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

    /// <summary>The content of a file; null if there is none, or if it cannot be read.</summary>
    public byte[]? Bytes(string path)
    {
        if (Find(path) is not { IsFile: true } node)
            return null;
        try
        {
            return node.Content.Read(MaxText);
        }
        catch (InputException)
        {
            return null;
        }
    }

    /// <summary>Feeds a text file to a parser; false when there is none.</summary>
    public bool Parse(string path, LineParser parser, Facts facts)
    {
        if (Text(path) is not { } text)
            return false;
        Parse(Shown(path), text, parser, facts);
        return true;
    }

    public static void Parse(string name, string text, LineParser parser, Facts facts)
    {
        var reader = new LineReader(name, new MemoryStream(Encoding.UTF8.GetBytes(text)));
        while (reader.Next(out TextLine line))
            parser.Line(line, facts);
        parser.End(facts);
    }

    /// <summary>A program by name, in the folders that a shell of the image searches.</summary>
    public ImageNode? Program(string name)
    {
        if (name.Contains('/'))
            return Find(name);
        foreach (string folder in new[] { "/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/", "/usr/local/sbin/", "/usr/local/bin/" })
        {
            if (Find(folder + name) is { IsFile: true } node)
                return node;
        }
        return null;
    }
}
