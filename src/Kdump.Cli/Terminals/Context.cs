using Kdump.Kernel;
using Kdump.Kernel.Expressions;

namespace Kdump.Cli.Terminals;

/// <summary>What a command may touch: its streams and the look of its output.</summary>
/// <param name="Input">Opens standard input; called at most once, for a path of <c>-</c>.</param>
public sealed record Context(TextWriter Output, TextWriter Error, Func<Stream> Input, Terminal Terminal)
{
    /// <summary>The dump that a shell has open, which its commands look at; null where a command opens its own.</summary>
    internal Vmcore? Opened { get; init; }

    /// <summary>The shell's expressions, with the task and the settings that it looks at.</summary>
    internal Interpreter? Interpreter { get; init; }
}
