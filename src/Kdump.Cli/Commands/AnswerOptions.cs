using System.CommandLine;

namespace Kdump.Cli.Commands;

/// <summary>How much of an answer is wanted.</summary>
internal enum AnswerForm
{
    /// <summary>One screen on a terminal, everything elsewhere.</summary>
    Usual,

    /// <summary>Everything.</summary>
    Verbose,

    /// <summary>The headline; the rest is in the exit code.</summary>
    Quiet,
}

/// <summary><c>-v</c> and <c>-q</c> of the commands that give a verdict.</summary>
internal static class AnswerOptions
{
    public static Option<bool> Verbose() => new("--verbose", "-v") { Description = "On a terminal: everything, not one screen" };

    public static Option<bool> Quiet() => new("--quiet", "-q") { Description = "Only the headline; the exit code tells the rest" };

    public static AnswerForm Form(bool verbose, bool quiet) =>
        quiet ? AnswerForm.Quiet : verbose ? AnswerForm.Verbose : AnswerForm.Usual;
}
