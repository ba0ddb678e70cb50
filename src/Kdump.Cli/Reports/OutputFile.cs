using System.Text;
using Kdump.Formats.Bytes;

namespace Kdump.Cli.Reports;

/// <summary>
/// A file that a user named for a result: written whole or not at all. An earlier result of the same kind is replaced; any other file is
/// left alone, because it may be the evidence.
/// </summary>
internal static class OutputFile
{
    /// <param name="head">How a result of this kind begins; Latin-1, in any case of letters.</param>
    /// <param name="kind">What it is, with its article: <c>a page of kdt</c>.</param>
    /// <exception cref="InputException">It cannot be written, or something else is there.</exception>
    public static void Write(string path, string head, string kind, Action<Stream> write)
    {
        try
        {
            bool there = File.Exists(path);
            // A terminal, a pipe or /dev/null takes the result as it comes.
            if (there && FileKind.NotSeekable(path) is not null)
            {
                using FileStream stream = new(path, FileMode.Open, FileAccess.Write);
                write(stream);
                return;
            }
            if (there && !Begins(path, head))
                throw new InputException(path, "-o", -1, $"exists and is not {kind}: it is not overwritten");
            string? target = there ? new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName : null;
            using WholeFile whole = new(target ?? Path.GetFullPath(path));
            write(whole.Stream);
            whole.Done(replace: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(path, "-o", -1, FileKind.WhyNotWritten(e, path), e);
        }
    }

    /// <summary>An earlier one, or nothing.</summary>
    private static bool Begins(string path, string head)
    {
        Span<byte> found = stackalloc byte[64];
        using FileStream file = File.OpenRead(path);
        int length = file.ReadAtLeast(found[..head.Length], head.Length, throwOnEndOfStream: false);
        return length == 0 || Encoding.Latin1.GetString(found[..length]).Equals(head, StringComparison.OrdinalIgnoreCase);
    }
}
