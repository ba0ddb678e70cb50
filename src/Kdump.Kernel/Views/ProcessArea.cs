using Kdump.Kernel.Structs;

namespace Kdump.Kernel.Views;

/// <summary>A memory area of a process and the state of its page tables; counts are in pages of the kernel.</summary>
/// <param name="Name">Path of the mapped file, or [heap], [stack], [vdso] and the like; empty for other anonymous memory.</param>
/// <param name="Device">Device of the file's file system; null for anonymous memory.</param>
/// <param name="Unread">Number of pages whose page table is missing from the dump.</param>
public sealed record ProcessArea(VmArea Area, string Name, uint? Device, ulong? Inode, long Resident, long Swapped, long Unread);
