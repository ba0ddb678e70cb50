namespace Kdump.Cli.Terminals;

/// <summary>Exit codes of the program.</summary>
internal static class ExitCode
{
    /// <summary>The check was made and found nothing wrong.</summary>
    public const int Fine = 0;

    /// <summary>The check was made and found a problem.</summary>
    public const int Found = 1;

    /// <summary>The check could not be made.</summary>
    public const int Failed = 2;

    /// <summary>
    /// The reader closed standard output: the exit status that a shell shows for SIGPIPE, by which the program then ends.
    /// </summary>
    public const int ReaderLeft = 128 + 13;
}
