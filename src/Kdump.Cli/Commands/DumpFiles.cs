using System.CommandLine;
using Kdump.Cli.Reports.VmcoreViews;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;
using Kdump.Kernel;
using Kdump.Kernel.Memory;

namespace Kdump.Cli.Commands;

/// <summary>The dump that a command of <c>kdt vmcore</c> reads: its file arguments, or the dump that the shell has open.</summary>
internal sealed class DumpFiles
{
    private readonly Context context;
    private readonly Argument<string[]> files;
    private readonly string? words;
    private Option<string?>? debug;

    /// <summary>Adds the file argument to a command, unless a dump is open already.</summary>
    public DumpFiles(Context context, Command command)
    {
        this.context = context;
        files = Words("file", "A vmcore (several files: the parts of one split dump)", ArgumentArity.OneOrMore);
        if (context.Opened is null)
            command.Arguments.Add(files);
    }

    /// <summary>
    /// The same for a command that takes more words after the files: the first word is a file, and so is each word after it as long
    /// as a file of that name exists.
    /// </summary>
    /// <param name="words">The names of these words, for the help.</param>
    public DumpFiles(Context context, Command command, string words)
    {
        this.context = context;
        this.words = words;
        files = context.Opened is null
            ? Words($"file… {words}", "A vmcore (several files: the parts of one split dump), then the arguments of this command",
                ArgumentArity.OneOrMore)
            : Words(words, "See the description above", ArgumentArity.ZeroOrMore);
        command.Arguments.Add(files);
    }

    /// <summary>The command can do more with a vmlinux that has debugging information.</summary>
    public DumpFiles WithDebug(Command command)
    {
        if (context.Opened is null)
            command.Options.Add(debug = DebugPlaces.Option());
        return this;
    }

    public int Use(ParseResult parsed, Func<Vmcore, int> use)
    {
        if (context.Opened is { } opened)
            return Ask(opened, parsed, () => use(opened));
        using Vmcore vmcore = Open(parsed, parsed.GetValue(files)!);
        return Ask(vmcore, parsed, () => use(vmcore));
    }

    public int Use(ParseResult parsed, Func<Vmcore, string[], int> use)
    {
        string[] all = parsed.GetValue(files) ?? [];
        if (context.Opened is { } opened)
            return Ask(opened, parsed, () => use(opened, all));
        int count = 1;
        while (count < all.Length && File.Exists(all[count]))
            count++;
        if (count == all.Length && words is { Length: > 0 } && words[0] != '[')
            throw new InputException(string.Join(' ', all), "arguments", -1, $"after the dump {words} was expected");
        using Vmcore vmcore = Open(parsed, all[..count]);
        return Ask(vmcore, parsed, () => use(vmcore, all[count..]));
    }

    private Vmcore Open(ParseResult parsed, string[] paths)
    {
        Vmcore vmcore = Vmcore.Open(DumpFormats.Open(paths));
        try
        {
            if (debug is not null && parsed.GetValue(debug) is { } where)
                vmcore.Debug = DebugPlaces.Open(vmcore, where);
            return vmcore;
        }
        catch
        {
            vmcore.Dispose();
            throw;
        }
    }

    /// <summary>Every command's answer, with what it could not read; a shell tells that itself, once for each line.</summary>
    private int Ask(Vmcore vmcore, ParseResult parsed, Func<int> answer)
    {
        using Unread unread = vmcore.Unread.Begin();
        int code;
        try
        {
            code = answer();
        }
        catch (InputException) when (context.Opened is null)
        {
            // Missing pages may be the real cause of the error that is reported next.
            UnreadText.Tell(context, vmcore, unread, parsed.CommandResult.Command.Name, ExitCode.Failed);
            throw;
        }
        foreach (Damage damage in vmcore.Debug?.TakeMissing() ?? [])
            context.Error.WriteLine(Printable.Escape($"kdt vmcore: no lines for frames of {damage.Field}: {damage.Reason}"));
        if (context.Opened is not null)
            return code;
        context.Output.Flush();
        if (code == ExitCode.Failed)
            UnreadText.TellNothing(context, vmcore);
        return UnreadText.Tell(context, vmcore, unread, parsed.CommandResult.Command.Name, code);
    }

    // With its own parser: the library's parser for arrays uses reflection, which is slow to start.
    private static Argument<string[]> Words(string name, string description, ArgumentArity arity) => new(name)
    {
        Description = description,
        Arity = arity,
        CustomParser = static result =>
        {
            string[] files = new string[result.Tokens.Count];
            for (int i = 0; i < files.Length; i++)
                files[i] = result.Tokens[i].Value;
            return files;
        },
    };

    /// <summary>Paths of the dump that is open.</summary>
    public IReadOnlyList<string> Names(ParseResult parsed) =>
        context.Opened is { } opened ? [opened.Dump.Name] : parsed.GetValue(files) ?? [];
}
