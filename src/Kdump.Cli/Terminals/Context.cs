using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;
using Kdump.Kernel;
using Kdump.Kernel.Expressions;

namespace Kdump.Cli.Terminals;

/// <summary>The environment of a command: its streams and the format of its output.</summary>
/// <param name="Input">Opens standard input; called at most once, for a path of <c>-</c>.</param>
public sealed record Context(TextWriter Output, TextWriter Error, Func<Stream> Input, Terminal Terminal)
{
    /// <summary>The verdict in the reader's language.</summary>
    /// <param name="data">It goes into JSON.</param>
    internal Verdict Said(Verdict verdict, bool data = false) => (data ? Terminal.DataWords : Terminal.Words).Of(verdict);

    /// <summary>What stands for names and addresses in the answer; null: they are shown.</summary>
    internal StandIns? Names { get; init; }

    /// <summary>The dump that the shell has open, for its commands; null if a command opens its own.</summary>
    internal Vmcore? Opened { get; init; }

    /// <summary>The shell's interpreter, with its current task and settings.</summary>
    internal Interpreter? Interpreter { get; init; }

    /// <summary>Base of numbers chosen in the shell; null: chosen for each number.</summary>
    internal int? Radix { get; init; }
}
