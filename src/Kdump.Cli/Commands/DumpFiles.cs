using System.CommandLine;
using Kdump.Cli.Terminals;
using Kdump.Formats.Dumps;
using Kdump.Kernel;

namespace Kdump.Cli.Commands;

/// <summary>The dump that a command of <c>kdt vmcore</c> looks at: the files it is given, or the one that its shell has open.</summary>
internal sealed class DumpFiles
{
    private readonly Context context;

    // With a parser of its own, because the one for arrays goes by reflection, which takes a while to set up.
    private readonly Argument<string[]> files = new("file")
    {
        Description = "A vmcore; several files are the parts of one split dump",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = static result =>
        {
            string[] files = new string[result.Tokens.Count];
            for (int i = 0; i < files.Length; i++)
                files[i] = result.Tokens[i].Value;
            return files;
        },
    };

    /// <summary>Adds the argument to a command, unless a dump is open already.</summary>
    public DumpFiles(Context context, Command command)
    {
        this.context = context;
        if (context.Opened is null)
            command.Arguments.Add(files);
    }

    public int Use(ParseResult parsed, Func<Vmcore, int> use)
    {
        if (context.Opened is { } opened)
            return use(opened);
        using Vmcore vmcore = Vmcore.Open(DumpFormats.Open(parsed.GetValue(files)!));
        return use(vmcore);
    }
}
