namespace Kdump.Cli.Terminals;

/// <summary>What the shell sees.</summary>
internal static class ExitCode
{
    /// <summary>Looked, and found nothing wrong.</summary>
    public const int Fine = 0;

    /// <summary>Looked, and something is wrong.</summary>
    public const int Found = 1;

    /// <summary>Could not look.</summary>
    public const int Failed = 2;

    /// <summary>The reader of standard output left: what a shell makes of SIGPIPE, which the program then ends by.</summary>
    public const int ReaderLeft = 128 + 13;
}
