using System.Text;
using Kdump.Formats.Bytes;

namespace Kdump.Cli.Reports;

/// <summary>Writes a page to the file that a user named, whole or not at all, and never over something that is no page.</summary>
internal static class PageFile
{
    /// <exception cref="InputException">It cannot be written, or a file that is no page is there: it may be the evidence.</exception>
    public static void Write(string path, Action<TextWriter> page)
    {
        try
        {
            bool there = File.Exists(path);
            // A terminal, a pipe or /dev/null takes the page as it comes.
            if (there && FileKind.NotSeekable(path) is not null)
            {
                using var stream = new StreamWriter(path) { NewLine = "\n" };
                page(stream);
                return;
            }
            if (there && !IsPage(path))
                throw new InputException(path, "-o", -1, "exists and is not a page of kdt: it is not overwritten");
            string? target = there ? new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName : null;
            using WholeFile whole = new(target ?? Path.GetFullPath(path));
            using (var file = new StreamWriter(whole.Stream, leaveOpen: true) { NewLine = "\n" })
                page(file);
            whole.Done(replace: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(path, "report", -1, FileKind.ReasonOf(e, path), e);
        }
    }

    /// <summary>An earlier page, or nothing.</summary>
    private static bool IsPage(string path)
    {
        Span<byte> head = stackalloc byte[64];
        using FileStream file = File.OpenRead(path);
        int length = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        return length == 0 || Encoding.Latin1.GetString(head[..length]).StartsWith("<!DOCTYPE html>", StringComparison.OrdinalIgnoreCase);
    }
}
