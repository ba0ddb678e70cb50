namespace Kdump.Cli;

/// <summary>Standard output takes no more: its reader went away (head, less), or the disk is full.</summary>
internal sealed class OutputException(string message, bool readerLeft) : IOException(message)
{
    public bool ReaderLeft => readerLeft;
}
