using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Kdump.Cli.Terminals;

namespace Kdump.Cli.Commands;

/// <summary>Sends the output of the shell's commands to the terminal or to a system command.</summary>
internal static class ShellOutput
{
    /// <summary>Runs a system command with the written text as its standard input.</summary>
    /// <returns>False if it could not be started or failed.</returns>
    public static bool Through(string command, TextWriter error, Action<TextWriter> write, TextWriter? into)
    {
        using Process? process = Start(command, error, input: true, output: into is not null);
        if (process is null)
            return false;
        // The output of the command is written to the same place as ours.
        Task<string>? answer = into is null ? null : process.StandardOutput.ReadToEndAsync();
        try
        {
            using StreamWriter input = new(process.StandardInput.BaseStream, new UTF8Encoding(false), 1 << 16);
            try
            {
                write(input);
            }
            catch (IOException)
            {
                // The command closed the pipe: end without a message.
            }
        }
        catch (IOException)
        {
            // The remaining text cannot be flushed to a closed pipe.
        }
        if (answer is not null)
            into!.Write(answer.GetAwaiter().GetResult());
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    /// <summary>Runs a system command without input from the shell.</summary>
    public static bool Run(string command, TextWriter error, TextWriter? into)
    {
        using Process? process = Start(command, error, input: false, output: into is not null);
        if (process is null)
            return false;
        into?.Write(process.StandardOutput.ReadToEnd());
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    private static Process? Start(string command, TextWriter error, bool input, bool output)
    {
        ProcessStartInfo start = new("/bin/sh") { RedirectStandardInput = input, RedirectStandardOutput = output, UseShellExecute = false };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(command);
        Pager.Prepare(start);
        try
        {
            return Process.Start(start);
        }
        catch (Win32Exception e)
        {
            error.WriteLine($"kdt: /bin/sh: {e.Message}");
            return null;
        }
    }
}
