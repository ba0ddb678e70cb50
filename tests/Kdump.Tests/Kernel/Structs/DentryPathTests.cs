using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Structs;

namespace Kdump.Tests.Kernel.Structs;

public sealed class DentryPathTests
{
    private const int DentryBytes = 64, ParentAt = 0, HashAt = 8, NameAt = 24, LengthAt = 32;
    private const int MountBytes = 64, AboveAt = 0, PointAt = 8, MntAt = 16;
    private readonly KernelBuilder kernel = new();
    private readonly VirtualAddress rootMount;
    private readonly VirtualAddress root;

    public DentryPathTests()
    {
        BtfBuilder t = kernel.Types;
        int u32 = t.Int("int", 4), pointer = t.Pointer(0);
        int hash = t.Struct("hlist_bl_node", 16, ("next", pointer, 0), ("pprev", pointer, 8));
        int name = t.Struct("qstr", 16, ("name", pointer, 0), ("len", u32, 8));
        t.Struct("dentry", DentryBytes, ("d_parent", pointer, ParentAt), ("d_hash", hash, HashAt), ("d_name", name, NameAt));
        int mnt = t.Struct("vfsmount", 16, ("mnt_root", pointer, 0));
        t.Struct("mount", MountBytes, ("mnt_parent", pointer, AboveAt), ("mnt_mountpoint", pointer, PointAt), ("mnt", mnt, MntAt));
        root = Dentry("/", null);
        rootMount = Mount(root, null, null);
    }

    [Fact]
    public void A_path_goes_on_from_where_its_file_system_is_mounted()
    {
        VirtualAddress mnt = Dentry("mnt", root), disk = Dentry("disk", mnt), other = Dentry("/", null);
        VirtualAddress mount = Mount(other, rootMount, disk);
        VirtualAddress file = Dentry("file", Dentry("folder", other));
        Assert.Equal("/mnt/disk/folder/file", Of(mount, file));
        Assert.Equal("/mnt/disk", Of(mount, other));
        Assert.Equal("/", Of(rootMount, root));
    }

    [Fact]
    public void A_file_in_no_folder_any_more_is_deleted()
    {
        VirtualAddress file = Dentry("gone", root);
        kernel.Memory.U64(file + HashAt + 8, 0);
        Assert.Equal("/gone (deleted)", Of(rootMount, file));
    }

    [Fact]
    public void A_memfd_is_named_by_itself()
    {
        VirtualAddress file = Dentry("memfd:x", null);
        Assert.Equal("/memfd:x (deleted)", Of(rootMount, file));
    }

    [Fact]
    public void Parents_in_a_circle_are_no_path()
    {
        VirtualAddress a = Dentry("a", root), b = Dentry("b", a);
        kernel.Memory.U64(a + ParentAt, b.Value);
        Assert.Contains("circle", Assert.Throws<InputException>(() => Of(rootMount, a)).Reason, StringComparison.Ordinal);
    }

    private string Of(VirtualAddress mount, VirtualAddress dentry)
    {
        using Vmcore vmcore = kernel.Open();
        return new DentryPath(vmcore).Of(mount + MntAt, dentry);
    }

    private VirtualAddress Dentry(string name, VirtualAddress? parent)
    {
        VirtualAddress at = kernel.Memory.Allocate(DentryBytes), text = kernel.Memory.Add(System.Text.Encoding.UTF8.GetBytes(name));
        kernel.Memory.U64(at + ParentAt, (parent ?? at).Value).U64(at + HashAt + 8, 1).U64(at + NameAt, text.Value)
            .U32(at + LengthAt, (uint)name.Length);
        return at;
    }

    private VirtualAddress Mount(VirtualAddress top, VirtualAddress? above, VirtualAddress? point)
    {
        VirtualAddress at = kernel.Memory.Allocate(MountBytes);
        kernel.Memory.U64(at + AboveAt, (above ?? at).Value).U64(at + PointAt, (point ?? top).Value).U64(at + MntAt, top.Value);
        return at;
    }
}
