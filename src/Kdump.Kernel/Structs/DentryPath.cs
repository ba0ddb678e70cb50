using System.Text;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Structs;

/// <summary>
/// The path of a dentry on a mount, like d_path() of fs/d_path.c: up to the root of the file system, then on from its mount point. struct
/// dentry, mount and vfsmount of include/linux/dcache.h and fs/mount.h.
/// </summary>
public sealed class DentryPath
{
    /// <summary>Maximum number of names in a path: PATH_MAX (4096) allows no more.</summary>
    private const int MaxNames = 2048;

    private const int MaxName = 255;

    private readonly CrashedKernel kernel;
    private readonly StructType dentry;
    private readonly StructType mount;
    private readonly int mnt;

    /// <exception cref="InputException">BTF does not contain these structs.</exception>
    public DentryPath(CrashedKernel kernel)
    {
        this.kernel = kernel;
        dentry = kernel.Struct("dentry");
        mount = kernel.Struct("mount");
        mnt = mount.Offset("mnt");
    }

    /// <summary>The struct mount that contains a struct vfsmount.</summary>
    public StructReader MountOf(VirtualAddress vfsmount) => new(kernel.Memory, mount, vfsmount + -mnt);

    public StructReader Dentry(VirtualAddress at) => new(kernel.Memory, dentry, at);

    /// <summary>The path for a struct path: a mount and a dentry.</summary>
    /// <exception cref="InputException">A part of the path is missing from the dump.</exception>
    public string Of(VirtualAddress vfsmount, VirtualAddress at)
    {
        List<string> names = [];
        StructReader on = MountOf(vfsmount);
        StructReader first = Dentry(at);
        // A dentry without a parent that is not the root of its file system: memfd, huge pages, System V shared memory (simple_dname()).
        if (first.Pointer("d_parent") == at && at != on.Pointer("mnt.mnt_root"))
            return $"/{Name(first)} (deleted)";
        bool deleted = Unhashed(first);
        for (int i = 0; ; i++)
        {
            Bounded(i, at);
            StructReader one = Dentry(at);
            VirtualAddress parent = one.Pointer("d_parent");
            if (at == on.Pointer("mnt.mnt_root") || parent == at)
            {
                VirtualAddress above = on.Pointer("mnt_parent");
                if (above == on.Address || above.Value == 0)
                    break;
                at = on.Pointer("mnt_mountpoint");
                on = new StructReader(kernel.Memory, mount, above);
                continue;
            }
            names.Add(Name(one));
            at = parent;
        }
        names.Reverse();
        return $"/{string.Join('/', names)}{(deleted ? " (deleted)" : "")}";
    }

    /// <summary>Path of a mount's mount point.</summary>
    public string MountPoint(StructReader of)
    {
        VirtualAddress parent = of.Pointer("mnt_parent");
        return parent == of.Address || parent.Value == 0 ? "/"
            : Of(new StructReader(kernel.Memory, mount, parent).AddressOf("mnt"), of.Pointer("mnt_mountpoint"));
    }

    /// <summary>Path of a dentry from the root of its own file system.</summary>
    public string Inside(VirtualAddress at)
    {
        List<string> names = [];
        for (int i = 0; ; i++)
        {
            Bounded(i, at);
            StructReader one = Dentry(at);
            VirtualAddress parent = one.Pointer("d_parent");
            if (parent == at || parent.Value == 0)
                break;
            names.Add(Name(one));
            at = parent;
        }
        names.Reverse();
        return "/" + string.Join('/', names);
    }

    public string Name(StructReader of)
    {
        uint length = of.U32("d_name.len");
        if (length > MaxName)
            throw new InputException(kernel.Dump.Name, "dentry.d_name.len", -1, $"{length} bytes at {of.Address} are no length of a name");
        byte[] raw = new byte[length];
        kernel.Memory.Read(of.Pointer("d_name.name"), raw, "dentry.d_name");
        return Encoding.UTF8.GetString(raw);
    }

    private void Bounded(int names, VirtualAddress at)
    {
        if (names >= MaxNames)
            throw new InputException(kernel.Dump.Name, "dentry.d_parent", -1,
                $"more than {MaxNames} folders above each other, at {at}: a circle");
    }

    /// <summary>d_unlinked(): in no hash chain and no root.</summary>
    private static bool Unhashed(StructReader of) => of.U64("d_hash.pprev") == 0 && of.Pointer("d_parent") != of.Address;
}
