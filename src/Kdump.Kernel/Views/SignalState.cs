using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Views;

/// <summary>The action of a process for one signal.</summary>
/// <param name="Handler">0 for the default action, 1 for ignore, otherwise the address of the handler.</param>
/// <param name="Flags">SA_*.</param>
public sealed record SignalAction(int Number, ulong Handler, ulong Flags);

/// <summary>A signal that was sent but not yet delivered.</summary>
/// <param name="Code">si_code: 0 kill(), -1 sigqueue(), -2 a timer, -6 tgkill(), 0x80 the kernel.</param>
/// <param name="Sender">Process id of the sender; null if no process sent it.</param>
public sealed record QueuedSignal(int Number, int Code, int? Sender);

/// <summary>Signals of one thread.</summary>
/// <param name="Pending">Bitmap of signals sent to this thread; bit 0 is signal 1.</param>
/// <param name="SharedPending">Bitmap of signals sent to the process.</param>
public sealed record SignalState(int Pid, ulong Blocked, ulong Pending, ulong SharedPending, IReadOnlyList<QueuedSignal> Queued,
    IReadOnlyList<QueuedSignal> SharedQueued, IReadOnlyList<SignalAction> Actions, IReadOnlyList<Damage> Damages);
