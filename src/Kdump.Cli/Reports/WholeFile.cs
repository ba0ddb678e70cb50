namespace Kdump.Cli.Reports;

/// <summary>
/// A file that is written whole or not at all: under another name beside it, which takes its place when it is done; disposed of before, it
/// leaves nothing.
/// </summary>
internal sealed class WholeFile : IDisposable
{
    private readonly string path, part;

    /// <param name="path">Absolute.</param>
    /// <param name="secret">Only its owner may read it (mode 600).</param>
    public WholeFile(string path, bool secret = false)
    {
        this.path = path;
        part = $"{path}.part-{Environment.ProcessId}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, BufferSize = 1 << 16 };
        if (secret)
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Stream = new FileStream(part, options);
    }

    public FileStream Stream { get; }

    /// <param name="replace">A file of that name may be there.</param>
    public void Done(bool replace)
    {
        Stream.Dispose();
        File.Move(part, path, replace);
    }

    public void Dispose()
    {
        try
        {
            // What could not be written before cannot be written now.
            Stream.Dispose();
        }
        finally
        {
            File.Delete(part);
        }
    }
}
