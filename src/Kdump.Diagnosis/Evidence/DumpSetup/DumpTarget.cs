using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Evidence.DumpSetup;

public enum TargetKind
{
    /// <summary>A file system on a local device.</summary>
    FileSystem,

    /// <summary>A partition that takes the dump without a file system.</summary>
    Raw,
    Nfs,
    Ssh,

    /// <summary>Another network or shared file system (cifs, virtiofs, ftp, sftp).</summary>
    Other,

    /// <summary>The root file system of the crashed system.</summary>
    Root,

    /// <summary>A device that the image waits for; what for is unknown.</summary>
    Wait,
}

/// <summary>A place to which the dump is to be written, or a device that must appear before that.</summary>
/// <param name="Spec">As configured: <c>UUID=…</c>, <c>/dev/disk/…</c>, <c>host:/path</c>, <c>user@host</c>.</param>
/// <param name="FileSystem">ext4, xfs …; empty when not said.</param>
/// <param name="Path">Directory for the dump, or mount point; empty when not said.</param>
public sealed record DumpTarget(Source Source, TargetKind Kind, string Spec, string FileSystem, string Path) : Fact(Source)
{
    public DeviceReference Device =>
        Kind is TargetKind.Nfs or TargetKind.Ssh or TargetKind.Other ? new(ReferenceKind.None, Spec) : DeviceReference.Parse(Spec);

    /// <summary>The dump leaves the machine over its network: NFS, ssh, and CIFS and FTP of SUSE's kdump.</summary>
    public bool IsRemote => Kind is TargetKind.Nfs or TargetKind.Ssh ||
        (Kind == TargetKind.Other && FileSystem is "cifs" or "smb" or "ftp");

    public static string NameOf(TargetKind kind) => kind switch
    {
        TargetKind.FileSystem => "filesystem",
        TargetKind.Raw => "raw",
        TargetKind.Nfs => "nfs",
        TargetKind.Ssh => "ssh",
        TargetKind.Root => "root",
        TargetKind.Wait => "wait",
        _ => "other",
    };

    public static TargetKind KindOf(string name) => name switch
    {
        "filesystem" => TargetKind.FileSystem,
        "raw" => TargetKind.Raw,
        "nfs" => TargetKind.Nfs,
        "ssh" => TargetKind.Ssh,
        "root" => TargetKind.Root,
        "wait" => TargetKind.Wait,
        _ => TargetKind.Other,
    };
}

/// <summary>Whether a required local device exists now.</summary>
/// <param name="Spec">The target's name for it.</param>
/// <param name="Path">The path that should exist.</param>
/// <param name="Node">The block device it is (<c>vda1</c>); empty when it is not there.</param>
/// <param name="Certain">False: without udev its UUID or label cannot be compared with the disks that are there.</param>
public sealed record TargetState(Source Source, string Spec, string Path, string Node, bool Certain) : Fact(Source)
{
    public bool Present => Node.Length > 0;
}

/// <summary>A setting of the dump configuration in the image: <c>failure_action reboot</c>, <c>KDUMP_SAVEDIR=…</c>.</summary>
public sealed record KdumpSetting(Source Source, string Name, string Value) : Fact(Source);
