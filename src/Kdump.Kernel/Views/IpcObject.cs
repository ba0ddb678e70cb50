using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Views;

/// <summary>What System V gives to processes to talk through, struct kern_ipc_perm of include/linux/ipc.h.</summary>
/// <param name="Namespace">Inode number of its IPC namespace, as /proc/PID/ns/ipc has it; 0 where it cannot be read.</param>
public abstract record IpcObject(uint Namespace, int Id, int Key, uint User, uint Mode, VirtualAddress Address);

/// <summary>A segment of shared memory.</summary>
/// <param name="Bytes">Size that was asked for.</param>
/// <param name="Attached">How often it is mapped.</param>
/// <param name="Creator">Process id; 0 where that process has gone.</param>
public sealed record IpcMemory(uint Namespace, int Id, int Key, uint User, uint Mode, VirtualAddress Address, ulong Bytes, ulong Attached,
    int Creator, bool Removed) : IpcObject(Namespace, Id, Key, User, Mode, Address);

/// <summary>A set of semaphores.</summary>
/// <param name="Waiting">Process ids of those that sleep for it.</param>
public sealed record IpcSemaphores(uint Namespace, int Id, int Key, uint User, uint Mode, VirtualAddress Address, IReadOnlyList<int> Values,
    IReadOnlyList<int> Waiting) : IpcObject(Namespace, Id, Key, User, Mode, Address);

/// <summary>A queue of messages.</summary>
/// <param name="Waiting">Process ids of those that wait for a message.</param>
public sealed record IpcQueue(uint Namespace, int Id, int Key, uint User, uint Mode, VirtualAddress Address, ulong Messages, ulong Bytes,
    ulong MaxBytes, IReadOnlyList<int> Waiting) : IpcObject(Namespace, Id, Key, User, Mode, Address);
