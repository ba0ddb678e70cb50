using Kdump.Probe.Commands;
using Kdump.Probe.Machine;
using Kdump.Probe.Screens;

Options options = Options.Parse(args);
try
{
    int code = options switch
    {
        { Mistake: string mistake } => Usage(mistake),
        { Help: true } => Say(HelpText.Text),
        { ShowVersion: true } => Say(VersionLine()),
        { Command: "" } => Report.Run(options),
        { Command: "watch" } => Watch.Run(options),
        { Command: "rebind" } => Rebind.Run(options),
        { Command: "trace" } => Trace.Run(options),
        _ => Usage($"{options.Command}: unknown command"),
    };
    // A report that could not be written is a failure: the exit code must say so.
    if (Output.Lost && code < 2)
        code = 2;
    if (options.Peak)
        Peak();
    return options.Hook ? 0 : code;
}
catch (RootException e)
{
    Output.Error(e.Message);
    return options.Hook ? 0 : 2;
}
catch (Exception e) when (e is not OutOfMemoryException)
{
    // Catch every exception here: a bug of the probe must print one line, not end in a signal for which the kernel prints registers on
    // the console.
    Output.Error($"this is a bug of kdump-probe {BuildFacts.Full}: {e.Message}; please report this line");
    return options.Hook ? 0 : 2;
}

static void Peak()
{
    using var live = new Root("/");
    foreach (ReadOnlySpan<char> line in (live.Text("/proc/self/status") ?? "").AsSpan().EnumerateLines())
    {
        if (line.StartsWith("VmHWM:", StringComparison.Ordinal))
            Output.Error(line.ToString().Replace('\t', ' '));
    }
}

// The same form as kdt --version: version, commit, framework.
static string VersionLine()
{
    int plus = BuildFacts.Full.IndexOf('+');
    string commit = plus < 0 ? "unknown commit" : BuildFacts.Full[(plus + 1)..Math.Min(plus + 13, BuildFacts.Full.Length)];
    int space = BuildFacts.Framework.IndexOf(" for", StringComparison.Ordinal);
    return $"kdump-probe {BuildFacts.Number} ({commit}, " +
        $"{(space < 0 ? BuildFacts.Framework : BuildFacts.Framework[..space])})\n";
}

static int Say(string text)
{
    Output.Write(text);
    return 0;
}

static int Usage(string mistake)
{
    Output.Error($"{mistake}; see kdump-probe --help");
    return 2;
}
