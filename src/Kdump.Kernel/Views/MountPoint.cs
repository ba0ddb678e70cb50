using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Views;

/// <summary>A mounted file system: struct mount of fs/mount.h.</summary>
/// <param name="Path">Mount point in the requested mount namespace; null if a part of the path is missing from the dump.</param>
/// <param name="Root">The folder of the file system that is mounted: / except for bind mounts.</param>
/// <param name="Source">The source that was passed to mount(2).</param>
/// <param name="Flags">ro, nosuid, nodev, noexec, noatime, relatime … of this mount.</param>
public sealed record MountPoint(VirtualAddress Address, int Id, int ParentId, string? Path, string? Root, string? Source,
    IReadOnlyList<string> Flags, SuperBlock FileSystem);
