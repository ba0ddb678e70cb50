using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Kdump.Cli.Terminals;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Views;

namespace Kdump.Cli.Commands;

/// <summary>
/// <c>kdt vmcore clr</c>: starts kdt-clr, a program of its own, because it carries ClrMD and loads the runtime's own reader, native code
/// that believes what it reads. What the dump's level has taken away is said before that.
/// </summary>
internal static class VmcoreClrCommand
{
    private const string Name = "kdt-clr";
    private const int Minutes = 5, Signals = 128;

    public static Command Build(Context context)
    {
        Option<int> pid = VmcoreProcessCommands.PidOption();
        Option<bool> asJson = VmcoreCommand.JsonOption();
        var dac = new Option<string?>("--dac")
            { Description = "Folder of the process's own .NET runtime (libmscordaccore.so and libcoreclr.so)", HelpName = "DIR" };
        var sysroot = new Option<string?>("--sysroot")
            { Description = "A copy of the machine's file tree: its files stand in for pages that were not in memory", HelpName = "DIR" };
        Option<int?> types = Numbers.Whole("--types", "Types of the heap to list, the largest first (20); 0: none");
        var command = new Command("clr",
            "The managed side of a .NET process: threads, stacks, exceptions, locks with owner and deadlocks, heap by type. " +
                "Needs kdt-clr, a dump that kept the pages of programs (-d 17 or less), and the process's own runtime.\n" +
                "\nExample: kdt vmcore clr --pid 4711 --dac /usr/share/dotnet/shared/Microsoft.NETCore.App/10.0.12 vmcore")
            { pid, dac, sysroot, types, asJson };
        var files = new DumpFiles(context, command);
        command.SetAction(parsed => files.Use(parsed, vmcore =>
        {
            ManagedLevel.Check(vmcore.Dump);
            List<string> words = ["--pid", parsed.GetValue(pid).ToString(CultureInfo.InvariantCulture)];
            Add(words, "--dac", parsed.GetValue(dac));
            Add(words, "--sysroot", parsed.GetValue(sysroot));
            Add(words, "--types", parsed.GetValue(types)?.ToString(CultureInfo.InvariantCulture));
            if (parsed.GetValue(asJson))
                words.Add("--json");
            // A file may begin as an option does.
            words.AddRange(files.Names(parsed).Select(Path.GetFullPath));
            context.Output.Flush();
            return Run(context, words);
        }));
        return command;
    }

    private static void Add(List<string> words, string option, string? value)
    {
        if (value is not null)
            words.AddRange([option, value]);
    }

    private static int Run(Context context, List<string> words)
    {
        string beside = Path.Join(Path.GetDirectoryName(Environment.ProcessPath), Name);
        ProcessStartInfo start = new(File.Exists(beside) ? beside : Name) { UseShellExecute = false };
        foreach (string word in words)
            start.ArgumentList.Add(word);
        try
        {
            using Process process = Process.Start(start)!;
            if (!process.WaitForExit(TimeSpan.FromMinutes(Minutes)))
            {
                process.Kill();
                throw new InputException(Name, "clr", -1, $"took longer than {Minutes} minutes and was ended");
            }
            if (process.ExitCode <= Signals)
                return process.ExitCode;
            context.Error.WriteLine($"kdt: {Name} was ended by signal {process.ExitCode - Signals}: " +
                "the runtime's own reader did not survive this memory, or its two minutes were over");
            return ExitCode.Failed;
        }
        catch (Win32Exception)
        {
            throw new InputException(Name, "clr", -1,
                "is not installed: it is a program of its own, in the package kdump-clr (x86-64; make publish-clr builds it)");
        }
    }
}
