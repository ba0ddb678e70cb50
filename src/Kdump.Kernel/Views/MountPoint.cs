using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Views;

/// <summary>Where a file system is mounted, struct mount of fs/mount.h.</summary>
/// <param name="Path">In the mount namespace that was asked for; null where a part of it is not in the dump.</param>
/// <param name="Root">What of the file system is there: / but for bind mounts.</param>
/// <param name="Source">What was given to mount.</param>
/// <param name="Flags">ro, nosuid, nodev, noexec, noatime, relatime … of this mount.</param>
public sealed record MountPoint(VirtualAddress Address, int Id, int ParentId, string? Path, string? Root, string? Source,
    IReadOnlyList<string> Flags, SuperBlock FileSystem);
