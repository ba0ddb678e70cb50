namespace Kdump.Sources.Trees;

/// <summary>An archive or a member of it cannot be read further; the message is for users.</summary>
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

    /// <summary>
    /// Closing skips what was not read; damage found there is reported elsewhere, or concerns no file that was asked for.
    /// </summary>
    public static void Close(IDisposable opened)
    {
        try
        {
            opened.Dispose();
        }
        catch (Exception)
        {
            // The damaged part was not asked for.
        }
    }

    /// <summary>Closes the object in the same way at the end of a using block.</summary>
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
