using Kdump.Kernel.Structs;

namespace Kdump.Kernel.Views;

/// <summary>A socket and the processes that have it open.</summary>
/// <param name="Owners">Processes, each with the file descriptor; empty if only the kernel uses the socket.</param>
public sealed record NetSocket(SocketStruct Socket, IReadOnlyList<(TaskStruct Task, int Number)> Owners);
