using System.Runtime.InteropServices;

namespace Kdump.FleetCli.Commands;

/// <summary>A first Ctrl-C or SIGTERM asks for an end in good order; a second one ends the program at once.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly PosixSignalRegistration terminate, interrupt;

    public StopSignals()
    {
        terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
    }

    public bool Came => source.IsCancellationRequested;

    /// <summary>Cancelled when one came.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>Signalled when one came.</summary>
    public WaitHandle Handle => source.Token.WaitHandle;

    public void Dispose()
    {
        terminate.Dispose();
        interrupt.Dispose();
        source.Dispose();
    }

    private void Stop(PosixSignalContext signal)
    {
        signal.Cancel = !Came;
        source.Cancel();
    }
}
