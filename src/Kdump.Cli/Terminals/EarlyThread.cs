namespace Kdump.Cli.Terminals;

/// <summary>
/// A thread that is started before the program confines itself (<see cref="Confinement"/>): what it starts, such as the user's pager,
/// may do what the user may.
/// </summary>
internal sealed class EarlyThread
{
    private readonly object gate = new();
    private Action? work;

    public EarlyThread() => new Thread(Wait) { IsBackground = true, Name = "early" }.Start();

    /// <summary>Runs it there and waits for its end; it must not throw. One caller at a time.</summary>
    public void Run(Action action)
    {
        lock (gate)
        {
            work = action;
            Monitor.PulseAll(gate);
            while (work is not null)
                Monitor.Wait(gate);
        }
    }

    private void Wait()
    {
        lock (gate)
        {
            for (;;)
            {
                while (work is null)
                    Monitor.Wait(gate);
                work();
                work = null;
                Monitor.PulseAll(gate);
            }
        }
    }
}
