using System.Diagnostics;

namespace Kdump.Fuzz.Running;

/// <summary>
/// Ends this process when one run does not end, and leaves the input where the parent finds it: in files for what ends the process without
/// a word (a full stack, no memory), by itself for a run that hangs.
/// </summary>
internal sealed class Watchdog
{
    private static readonly TimeSpan Cpu = TimeSpan.FromSeconds(20), Wall = TimeSpan.FromMinutes(3);

    private readonly string work;
    private readonly Lock gate = new();
    private TimeSpan begunCpu;
    private long begun;
    private long told;
    private bool running;

    public Watchdog(string work)
    {
        this.work = work;
        new Thread(Watch) { IsBackground = true }.Start();
    }

    /// <summary>True about once a second: time to tell how far the work is.</summary>
    public bool Begin(string target, int command, byte[] input)
    {
        File.WriteAllBytes(Path.Combine(work, "raw"), input);
        File.WriteAllText(Path.Combine(work, "now"), $"{target} {command}");
        lock (gate)
        {
            begunCpu = Environment.CpuUsage.TotalTime;
            begun = Stopwatch.GetTimestamp();
            running = true;
            bool tell = Stopwatch.GetElapsedTime(told) > TimeSpan.FromSeconds(1);
            told = tell ? begun : told;
            return tell;
        }
    }

    public void End()
    {
        lock (gate)
            running = false;
    }

    private void Watch()
    {
        while (true)
        {
            Thread.Sleep(500);
            lock (gate)
            {
                if (!running || (Environment.CpuUsage.TotalTime - begunCpu < Cpu && Stopwatch.GetElapsedTime(begun) < Wall))
                    continue;
                File.WriteAllText(Path.Combine(work, "hang"), "");
                using Process self = Process.GetCurrentProcess();
                self.Kill();
            }
        }
    }
}
