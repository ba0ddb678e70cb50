using Kdump.Kernel.Structs;

namespace Kdump.Kernel.Views;

/// <summary>An area of a process with what its page tables say; counts in the kernel's pages.</summary>
/// <param name="Name">Path of its file, or [heap], [stack], [vdso] and the like; empty for other anonymous memory.</param>
/// <param name="Device">Of its file's file system; null for anonymous memory.</param>
/// <param name="Unread">Pages whose page table is not in the dump.</param>
public sealed record ProcessArea(VmArea Area, string Name, uint? Device, ulong? Inode, long Resident, long Swapped, long Unread);
