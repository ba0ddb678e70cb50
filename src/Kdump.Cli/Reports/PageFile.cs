using Kdump.Formats.Bytes;

namespace Kdump.Cli.Reports;

/// <summary>Writes a page to the file that a user named.</summary>
internal static class PageFile
{
    /// <exception cref="InputException">See <see cref="OutputFile.Write"/>.</exception>
    public static void Write(string path, Action<TextWriter> page) => OutputFile.Write(path, "<!DOCTYPE html>", "a page of kdt", stream =>
    {
        using var text = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
        page(text);
    });
}
