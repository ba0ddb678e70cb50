using Kdump.Kernel.Structs;

namespace Kdump.Kernel.Views;

/// <summary>A socket and who has it open.</summary>
/// <param name="Owners">Processes with the number of the file; empty for what only the kernel holds.</param>
public sealed record NetSocket(SocketStruct Socket, IReadOnlyList<(TaskStruct Task, int Number)> Owners);
