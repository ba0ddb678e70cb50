using Kdump.Cli.Terminals;

namespace Kdump.Tests.MachineChecks;

/// <summary>Runs the program in this process.</summary>
internal static class Run
{
    public static (int Code, string Output, string Error) Kdt(params string[] args) => KdtOn("", args);

    public static (int Code, string Output, string Error) KdtOn(string input, params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        int code = Kdump.Cli.Kdt.Run(args, output, error, () => new MemoryStream(System.Text.Encoding.UTF8.GetBytes(input)),
            Terminal.Plain);
        return (code, output.ToString(), error.ToString());
    }
}
