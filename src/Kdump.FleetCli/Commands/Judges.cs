using System.Diagnostics;
using Kdump.Cli.Commands;
using Kdump.Cli.Terminals;
using Kdump.Formats.Bytes;

namespace Kdump.FleetCli.Commands;

/// <summary>The kdt that judges for this program.</summary>
internal static class Judges
{
    /// <returns>The words that start a worker, and what it says that it is: a store holds by what each input was judged.</returns>
    /// <exception cref="InputException">It is not there, does not start, or is of another version.</exception>
    public static (string[] Worker, string Version) Find()
    {
        string[] program = OtherProgram.Find("kdt")
            ?? throw Wrong("kdt", "is not beside kdt-fleet and not on PATH: install the package kdump-toolkit");
        var start = new ProcessStartInfo(program[0]) { RedirectStandardOutput = true, UseShellExecute = false };
        foreach (string word in program.Skip(1).Append("--version"))
            start.ArgumentList.Add(word);
        string version;
        try
        {
            using Process asked = Process.Start(start)!;
            version = asked.StandardOutput.ReadLine() ?? "";
            asked.WaitForExit();
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw Wrong(program[^1], $"does not start: {System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(e.NativeErrorCode)}");
        }
        return version.Split(' ') is ["kdt", var number, ..] && number == ProgramVersion.Number
            ? ([.. program, FleetProgram.WorkerVerb], version)
            : throw Wrong(program[^1], $"is not of this kdt-fleet's version, {ProgramVersion.Number}: install both of one version");
    }

    private static InputException Wrong(string program, string reason) => new(program, "worker", -1, reason);
}
