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
            if (Directory.Exists(path))
                throw new InputException(path, "-o", -1, "a folder, not a file");
            bool there = File.Exists(path);
            // A terminal, a pipe or /dev/null takes the result as it comes.
            if (there && FileKind.NotSeekable(path) is not null)
            {
                using FileStream stream = FileKind.OpenToWrite(path);
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

    /// <summary>
    /// A file for a result, which replaces what a regular file had. A pipe that nobody reads and a folder are refused at once.
    /// </summary>
    /// <param name="option">The option that named it.</param>
    /// <exception cref="InputException">It cannot be written.</exception>
    public static FileStream Open(string path, string option)
    {
        try
        {
            if (Directory.Exists(path))
                throw new IOException("a folder, not a file");
            return FileKind.NotSeekable(path) is null ? new FileStream(path, FileMode.Create, FileAccess.Write)
                : FileKind.OpenToWrite(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(path, option, -1, FileKind.WhyNotWritten(e, path), e);
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
