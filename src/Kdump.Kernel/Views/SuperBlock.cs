using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Views;

/// <summary>A mounted file system, struct super_block of include/linux/fs.h.</summary>
/// <param name="Type">Name of its type, with the subtype of FUSE (fuse.sshfs).</param>
/// <param name="Id">s_id: its block device's name, or the type's.</param>
/// <param name="Device">s_dev, major:minor.</param>
/// <param name="Options">Mount options that the kernel stores for the whole file system: ro, sync, dirsync, mand, lazytime,
/// noatime.</param>
/// <param name="Frozen">State of freezing: empty if not frozen; write, page fault, fs or complete.</param>
/// <param name="DirtyInodes">Number of inodes that wait to be written back; null if they cannot be counted.</param>
public sealed record SuperBlock(VirtualAddress Address, string Type, string Id, string Device, IReadOnlyList<string> Options, string Frozen,
    long? DirtyInodes)
{
    public bool ReadOnly => Options.Contains("ro");
}
