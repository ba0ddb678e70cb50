namespace Kdump.Cli.Terminals;

/// <summary>
/// A thread that is started before the program confines itself (<see cref="Confinement"/>): what it starts, such as the user's pager,
/// may do what the user may.
/// </summary>
internal sealed class EarlyThread
{
    private readonly SemaphoreSlim asked = new(0), done = new(0);
    private Action? work;

    public EarlyThread() => new Thread(Wait) { IsBackground = true, Name = "early" }.Start();

    /// <summary>Runs it there and waits for its end; it must not throw.</summary>
    public void Run(Action action)
    {
        work = action;
        asked.Release();
        done.Wait();
    }

    private void Wait()
    {
        for (;;)
        {
            asked.Wait();
            work?.Invoke();
            done.Release();
        }
    }
}
