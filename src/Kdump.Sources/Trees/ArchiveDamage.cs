namespace Kdump.Sources.Trees;

/// <summary>An archive, or a member of it, that cannot be read on; in words for a user.</summary>
internal sealed class ArchiveDamage(string words, Exception? inner = null) : Exception(words, inner)
{
    /// <summary>Calls SharpCompress, which reports damage by exceptions of any type.</summary>
    public static T Told<T>(Func<T> ask)
    {
        try
        {
            return ask();
        }
        catch (Exception e) when (e is not ArchiveDamage)
        {
            throw Of(e);
        }
    }

    /// <summary>Closing steps over what was not read, and meets damage there that is told elsewhere or is nobody's.</summary>
    public static void Close(IDisposable opened)
    {
        try
        {
            opened.Dispose();
        }
        catch (Exception)
        {
            // What is damaged here was not asked for.
        }
    }

    /// <summary>The same at the end of a block.</summary>
    public static Closing Closed(IDisposable opened) => new(opened);

    public static ArchiveDamage Of(Exception e) => new(e switch
    {
        SharpCompress.Common.CryptographicException => "the archive is encrypted: unpack it, and give the folder",
        SharpCompress.Common.MultiVolumeExtractionException or SharpCompress.Common.MultipartStreamRequiredException =>
            "the archive continues in other files: unpack it, and give the folder",
        NotSupportedException or NotImplementedException =>
            "a part of the archive uses an unsupported compression method: unpack it, and give the folder",
        _ => "the archive is damaged or truncated: files after the damage were not read",
    }, e);

    public sealed class Closing(IDisposable opened) : IDisposable
    {
        public void Dispose() => Close(opened);
    }
}
