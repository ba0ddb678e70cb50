namespace Kdump.Sources.Trees;

/// <summary>
/// One entry of an archive, in the order of a pass over the archive. Its content must be read before the next entry, or not at all.
/// </summary>
/// <param name="Link">Target of a link; null for all others.</param>
/// <param name="Content">Null for a folder, for a link, and for what cannot be read.</param>
/// <param name="Unread">Why it cannot be read; null when it can.</param>
/// <param name="Apart">Damage in it does not affect other members.</param>
internal sealed record ArchiveMember(string Name, long Size, long Modified, bool IsFolder, string? Link, Stream? Content,
    string? Unread = null, bool Apart = false)
{
    /// <summary>The file type of a Unix mode, as zip and 7z keep it in the upper half of their attributes: 0xA000 is a link.</summary>
    public static bool IsLink(int attributes) => ((attributes >> 16) & 0xF000) == 0xA000;

    /// <summary>A link's target, which such archives keep as its content.</summary>
    public static string TargetIn(Stream content)
    {
        var target = new byte[4096];
        return System.Text.Encoding.UTF8.GetString(target, 0, content.ReadAtLeast(target, target.Length, throwOnEndOfStream: false));
    }
}
