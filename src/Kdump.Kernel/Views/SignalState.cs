using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Views;

/// <summary>What a process does about one signal, and whether it waits for it.</summary>
/// <param name="Handler">0 for the default action, 1 for ignore, else where its handler is.</param>
/// <param name="Flags">SA_*.</param>
public sealed record SignalAction(int Number, ulong Handler, ulong Flags);

/// <summary>A signal that was sent and not yet taken.</summary>
/// <param name="Code">si_code: 0 kill(), -1 sigqueue(), -2 a timer, -6 tgkill(), 0x80 the kernel.</param>
/// <param name="Sender">Process id of the sender, where that is one; null for others.</param>
public sealed record QueuedSignal(int Number, int Code, int? Sender);

/// <summary>Signals of one thread.</summary>
/// <param name="Pending">Bits of those sent to the thread alone, signal 1 first.</param>
/// <param name="SharedPending">Bits of those sent to the process.</param>
public sealed record SignalState(int Pid, ulong Blocked, ulong Pending, ulong SharedPending, IReadOnlyList<QueuedSignal> Queued,
    IReadOnlyList<QueuedSignal> SharedQueued, IReadOnlyList<SignalAction> Actions, IReadOnlyList<Damage> Damages);
