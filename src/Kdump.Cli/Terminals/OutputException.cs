namespace Kdump.Cli.Terminals;

/// <summary>
/// Standard output takes no more: its reader went away (head, less), or the disk is full. No IOException: those are of inputs, and are told
/// as such.
/// </summary>
internal sealed class OutputException(string message, bool readerLeft) : Exception(message)
{
    public bool ReaderLeft => readerLeft;
}
