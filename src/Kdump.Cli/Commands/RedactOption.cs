using System.CommandLine;
using System.Globalization;
using Kdump.Cli.Reports;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Reports;
using Kdump.Diagnosis.Rules;

namespace Kdump.Cli.Commands;

/// <summary><c>--redact</c>: the answer with stand-ins for what identifies a machine.</summary>
internal static class RedactOption
{
    public static Option<bool> Of() => new("--redact")
    {
        Description = "Replace host names, addresses, serial numbers and ids by stand-ins such as host#1 (docs/security.md has the list)",
    };

    /// <summary>Runs a command; its answer is written with stand-ins if this was asked for.</summary>
    /// <param name="given">The paths that the user named.</param>
    public static int Run(Context context, bool asked, IEnumerable<string> given, Func<Context, int> run)
    {
        if (!asked)
            return run(context);
        var names = new StandIns(Ordinary.Value.Contains);
        foreach (string path in given.Where(p => p != "-"))
            names.Path(path, path);
        var answer = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        int code = run(context with { Output = answer, Names = names });
        context.Output.Write(RedactedText.Of(answer.ToString(), names));
        return code;
    }

    /// <summary>Words of our own texts, which a machine may have as its name.</summary>
    private static readonly Lazy<HashSet<string>> Ordinary = new(() =>
    [
        .. Entries.All.SelectMany(e => (string[])[e.Id, e.Title, e.Cause, .. e.Signature, .. e.Fixes.SelectMany(f =>
            (string[])[f.Text, f.Command ?? "", f.Risk ?? "", f.Undo ?? ""])]).SelectMany(TitleWords.Of).Select(w => w.ToLowerInvariant()),
    ]);
}
