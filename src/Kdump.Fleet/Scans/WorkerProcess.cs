using System.Diagnostics;
using System.Runtime.InteropServices;
using Kdump.Sources.Records;

namespace Kdump.Fleet.Scans;

/// <summary>
/// Judges in a separate process: if an input kills it (a bug, or lack of memory), only that input is lost.
/// </summary>
public sealed class WorkerProcess : IJudge
{
    /// <summary>What it answered was no <see cref="JudgedJson"/>.</summary>
    internal const string NoAnswer = "the process that judged it gave no answer that can be read";

    private readonly Process process;
    private readonly TimeSpan limit;

    /// <param name="command">The program and its arguments; it runs <see cref="WorkerLines.Serve"/>.</param>
    /// <param name="limit">For one unit.</param>
    /// <param name="memory">Bytes of objects that it may hold.</param>
    public WorkerProcess(IReadOnlyList<string> command, TimeSpan limit, long memory)
    {
        this.limit = limit;
        var start = new ProcessStartInfo(command[0]) { RedirectStandardInput = true, RedirectStandardOutput = true,
            UseShellExecute = false };
        foreach (string argument in command.Skip(1))
            start.ArgumentList.Add(argument);
        start.Environment["DOTNET_GCHeapHardLimit"] = memory.ToString("x", System.Globalization.CultureInfo.InvariantCulture);
        try
        {
            process = Process.Start(start) ?? throw new JudgeException($"{command[0]} did not start");
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new JudgeException($"{command[0]} does not start: {Marshal.GetPInvokeErrorMessage(e.NativeErrorCode)}");
        }
    }

    public string Judge(string[] unit)
    {
        bool late = false;
        using var timer = new Timer(_ =>
        {
            late = true;
            Kill();
        }, null, limit, Timeout.InfiniteTimeSpan);
        string? answer;
        try
        {
            process.StandardInput.WriteLine(WorkerLines.Request(unit));
            process.StandardInput.Flush();
            answer = process.StandardOutput.ReadLine();
        }
        catch (IOException)
        {
            answer = null;
        }
        if (answer is not null)
            return answer;
        process.WaitForExit();
        string reason;
        if (late)
            reason = $"it took longer than {limit.TotalSeconds:f0} s and was stopped";
        else if (process.ExitCode > 128)
            reason = $"the process that judged it was ended by signal {process.ExitCode - 128}";
        else
            reason = $"the process that judged it ended with status {process.ExitCode}";
        throw new JudgeException(reason);
    }

    public void Dispose()
    {
        try
        {
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The process has ended already.
        }
        if (!process.WaitForExit(1000))
            Kill();
        process.Dispose();
    }

    private void Kill()
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // The process ended by itself.
        }
    }
}
