using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Kdump.Cli.Commands;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Fleet.Stores;

namespace Kdump.FleetCli.Commands;

/// <summary><c>kdt fleet …</c>: the crashes of many machines in one store, and what they have in common.</summary>
internal static class FleetCommand
{
    public static Command Build(Context context) => new(FleetProgram.Verb, FleetProgram.Description)
    {
        FleetScanCommand.Build(context), FleetScanCommand.Watch(context),
        FleetQuestionCommands.Top(context), FleetQuestionCommands.Show(context), FleetQuestionCommands.Machine(context),
        FleetQuestionCommands.New(context), FleetQuestionCommands.Diff(context), FleetQuestionCommands.Suspects(context),
        FleetQuestionCommands.LostDumps(context), FleetQuestionCommands.Inputs(context),
        FleetStoreCommands.Merge(context), FleetStoreCommands.Prune(context), FleetStoreCommands.Export(context),
        FleetJobCommands.Slurm(context), FleetJobCommands.Kubernetes(context),
    };

    public static Argument<string> Store() => new("store") { Description = "A file, or postgresql://user@host/name" };

    public static Option<bool> Json() => new("--json") { Description = "Print the answer as JSON" };

    /// <summary>A date, a time, or how long ago: <c>2026-11-01</c>, <c>2026-11-01T06:00Z</c>, <c>7d</c>, <c>12h</c>. Seconds since
    /// 1970.</summary>
    public static Option<long?> Since(string name, string what) => new(name)
    {
        Description = what + ": 2026-11-01, 2026-11-01T06:00Z, 7d or 12h ago",
        HelpName = "TIME",
        CustomParser = result => TimeOf(result, name),
    };

    private static long? TimeOf(ArgumentResult result, string name)
    {
        string text = result.Tokens is [var only] ? only.Value : "";
        if (text.Length > 1 && text[^1] is 'd' or 'h' &&
            int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out int n))
            return DateTimeOffset.UtcNow.ToUnixTimeSeconds() - (n * (text[^1] == 'd' ? 86400L : 3600L));
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time))
            return time.ToUnixTimeSeconds();
        result.AddError($"{name}: '{Printable.Escape(text)}' is not a date, a time or a number of days or hours");
        return null;
    }

    /// <summary>Finds a cluster by its id, or by a beginning of the id that is unique.</summary>
    /// <exception cref="Kdump.Formats.Bytes.InputException">No cluster has this id, or the beginning is not unique.</exception>
    public static string Cluster(FleetStore store, string given)
    {
        if (given.Length is 0 or > 8 || given.AsSpan().ContainsAnyExcept("0123456789abcdef"))
            throw Wrong(store, given, "is not a cluster id: an id has up to eight of the characters 0-9 and a-f; kdt fleet top lists them");
        string[] found = [.. store.Rows("SELECT DISTINCT cluster FROM signatures WHERE cluster LIKE @id ORDER BY cluster LIMIT 5",
            ("id", given + "%"))
            .Select(r => r.Text(0))];
        return found switch
        {
            [var one] => one,
            [] => throw Wrong(store, given, "no cluster has this id; kdt fleet top lists them"),
            _ => throw Wrong(store, given, $"several clusters begin with this: {string.Join(", ", found)}"),
        };
    }

    private static Kdump.Formats.Bytes.InputException Wrong(FleetStore store, string given, string reason) =>
        new(store.Name, $"cluster {Printable.Escape(given)}", -1, reason);
}
