using System.CommandLine;

namespace Kdump.Cli.Commands;

/// <summary>How much of an answer to print.</summary>
internal enum AnswerForm
{
    /// <summary>At most one screen on a terminal; everything when the output is a file or a pipe.</summary>
    Usual,

    /// <summary>Everything.</summary>
    Verbose,

    /// <summary>The headline; the rest is in the exit code.</summary>
    Quiet,
}

/// <summary><c>-v</c> and <c>-q</c> of the commands that give a verdict.</summary>
internal static class AnswerOptions
{
    public static Option<bool> Verbose() => new("--verbose", "-v") { Description = "On a terminal: print everything, not only one screen" };

    public static Option<bool> Quiet() => new("--quiet", "-q") { Description = "Print only the headline; the exit code has the result" };

    public static AnswerForm Form(bool verbose, bool quiet)
    {
        if (quiet)
            return AnswerForm.Quiet;
        return verbose ? AnswerForm.Verbose : AnswerForm.Usual;
    }
}
