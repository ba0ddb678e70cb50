using System.Text.Json;
using Kdump.Cli.Reports.VmcoreViews;
using Kdump.Formats.Bytes;
using Kdump.Kernel;

namespace Kdump.Tests.Kernel.Views;

/// <summary>The kernel counts in its own pages; what views print is in KiB.</summary>
public sealed class PageUnitsTests
{
    [Theory]
    [InlineData(4096, 400)]
    [InlineData(16384, 1600)]
    [InlineData(65536, 6400)]
    public void A_hundred_pages_of_swap_are_as_many_KiB_as_the_kernel_s_pages_have(int page, int kib)
    {
        KernelBuilder kernel = new() { PageSize = page };
        int u64 = kernel.Types.Int("long", 8), pointer = kernel.Types.Pointer(0);
        kernel.Types.Struct("dentry", 8, ("d_parent", pointer, 0));
        kernel.Types.Struct("mount", 16, ("mnt", kernel.Types.Struct("vfsmount", 8, ("mnt_root", pointer, 0)), 0));
        int path = kernel.Types.Struct("path", 16, ("mnt", pointer, 0), ("dentry", pointer, 8));
        int inode = kernel.Types.Struct("inode", 8, ("i_mode", u64, 0));
        int file = kernel.Types.Struct("file", 24, ("f_path", path, 0), ("f_inode", kernel.Types.Pointer(inode), 16));
        kernel.Types.Struct("swap_info_struct", 48, ("flags", u64, 0), ("pages", u64, 8), ("inuse_pages", u64, 16), ("prio", u64, 24),
            ("swap_file", kernel.Types.Pointer(file), 32));
        VirtualAddress one = kernel.Memory.Allocate(48), of = kernel.Memory.Allocate(24);
        kernel.Memory.U64(one, 1).U64(one + 8, 100).U64(one + 16, 0).U64(one + 32, of.Value);
        kernel.Memory.U64(kernel.Data("swap_info", 8), one.Value).U32(kernel.Data("nr_swapfiles", 4), 1);
        using Vmcore vmcore = kernel.Open();
        var output = new StringWriter();
        SwapsView.Json(output, vmcore);
        JsonElement device = JsonDocument.Parse(output.ToString()).RootElement.GetProperty("devices")[0];
        Assert.Equal(kib, device.GetProperty("sizeKib").GetInt32());
    }
}
