using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Views;

/// <summary>A System V IPC object: struct kern_ipc_perm of include/linux/ipc.h.</summary>
/// <param name="Namespace">Inode number of its IPC namespace, as in /proc/PID/ns/ipc; 0 if it cannot be read.</param>
public abstract record IpcObject(uint Namespace, int Id, int Key, uint User, uint Mode, VirtualAddress Address);

/// <summary>A segment of shared memory.</summary>
/// <param name="Bytes">Requested size in bytes.</param>
/// <param name="Attached">Number of mappings.</param>
/// <param name="Creator">Process id of the creator; 0 if that process has exited.</param>
public sealed record IpcMemory(uint Namespace, int Id, int Key, uint User, uint Mode, VirtualAddress Address, ulong Bytes, ulong Attached,
    int Creator, bool Removed) : IpcObject(Namespace, Id, Key, User, Mode, Address);

/// <summary>A set of semaphores.</summary>
/// <param name="Waiting">Ids of the processes that wait for it.</param>
public sealed record IpcSemaphores(uint Namespace, int Id, int Key, uint User, uint Mode, VirtualAddress Address, IReadOnlyList<int> Values,
    IReadOnlyList<int> Waiting) : IpcObject(Namespace, Id, Key, User, Mode, Address);

/// <summary>A queue of messages.</summary>
/// <param name="Waiting">Ids of the processes that wait for a message.</param>
public sealed record IpcQueue(uint Namespace, int Id, int Key, uint User, uint Mode, VirtualAddress Address, ulong Messages, ulong Bytes,
    ulong MaxBytes, IReadOnlyList<int> Waiting) : IpcObject(Namespace, Id, Key, User, Mode, Address);
