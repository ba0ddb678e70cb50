namespace Kdump.Cli.Terminals;

/// <summary>
/// Standard output cannot be written: its reader closed it (head, less), or the disk is full. It is not an IOException, because
/// those are reported as problems of inputs.
/// </summary>
internal sealed class OutputException(string message, bool readerLeft) : Exception(message)
{
    public bool ReaderLeft => readerLeft;
}
