using Kdump.Formats.Bytes;

namespace Kdump.FleetCli.Reports;

/// <summary>Writes a file that was not there: whole or not at all.</summary>
internal static class NewFile
{
    /// <exception cref="InputException">Something of this name exists, or it cannot be written.</exception>
    public static async Task Write(string path, Func<Stream, Task> content)
    {
        if (Path.Exists(path))
            throw new InputException(path, "-o", -1, "exists: it is not overwritten");
        string part = $"{Path.GetFullPath(path)}.part-{Environment.ProcessId}";
        try
        {
            FileStream file = new(part, FileMode.CreateNew);
            await using (file.ConfigureAwait(false))
                await content(file).ConfigureAwait(false);
            File.Move(part, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(path, "-o", -1, FileKind.ReasonOf(e, path), e);
        }
        finally
        {
            File.Delete(part);
        }
    }
}
