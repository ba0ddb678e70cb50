using Kdump.Probe;
using Kdump.Probe.Commands;

Options options = Options.Parse(args);
try
{
    int code = options switch
    {
        { Mistake: string mistake } => Usage(mistake),
        { Help: true } => Say(Help.Text),
        { ShowVersion: true } => Say($"kdump-probe {BuildFacts.Full} ({BuildFacts.Framework})\n"),
        { Command: "" } => Report.Run(options),
        { Command: "watch" } => Watch.Run(options),
        { Command: "rebind" } => Rebind.Run(options),
        { Command: "trace" } => Trace.Run(options),
        _ => Usage($"{options.Command}: no such command"),
    };
    return options.Hook ? 0 : code;
}
catch (RootException e)
{
    Output.Error(e.Message);
    return options.Hook ? 0 : 2;
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
