using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Views;

namespace Kdump.Tests.Kernel.Views;

public sealed class OpenFilesTests
{
    private readonly KernelBuilder kernel = new();
    private readonly VirtualAddress files;
    private readonly VirtualAddress table;
    private readonly VirtualAddress open;
    private readonly VirtualAddress array;

    public OpenFilesTests()
    {
        BtfBuilder t = kernel.Types;
        int u32 = t.Int("int", 4), pointer = t.Pointer(0);
        int fdtable = t.Struct("fdtable", 32, ("max_fds", u32, 0), ("fd", pointer, 8), ("close_on_exec", pointer, 16),
            ("open_fds", pointer, 24));
        t.Struct("files_struct", 8, ("fdt", t.Pointer(fdtable), 0));
        files = kernel.Memory.Allocate(8);
        table = kernel.Memory.Allocate(32);
        open = kernel.Memory.Allocate(16);
        VirtualAddress closes = kernel.Memory.Allocate(16);
        array = kernel.Memory.Allocate(128 * 8);
        kernel.Memory.U64(files, table.Value).U32(table, 128).U64(table + 8, array.Value).U64(table + 16, closes.Value)
            .U64(table + 24, open.Value);
        kernel.Memory.U64(closes, 1 << 3);
    }

    [Fact]
    public void Numbers_are_those_of_the_bitmap_with_what_exec_closes()
    {
        kernel.Memory.U64(open, 1 << 3 | 1).U64(open + 8, 1UL << 63).U64(array, 0x1000).U64(array + 24, 0x2000)
            .U64(array + 8 * 127, 0x3000);
        // A pointer that is there without its bit is a file that is being closed.
        kernel.Memory.U64(array + 8, 0x9000);
        List<Damage> damages = [];
        Assert.Equal([(0, 0x1000UL, false), (3, 0x2000UL, true), (127, 0x3000UL, false)], Numbers(damages));
        Assert.Empty(damages);
    }

    [Fact]
    public void A_number_of_files_that_no_process_has_is_refused()
    {
        kernel.Memory.U32(table, 0xFFFF_FFFF);
        Assert.Contains("is no number of files", Assert.Throws<InputException>(() => Numbers([])).Reason);
    }

    [Fact]
    public void A_part_of_the_bitmap_that_is_missing_is_damage_and_the_rest_is_read()
    {
        VirtualAddress lost = kernel.Memory.Allocate(8192, 4096);
        kernel.Memory.U64(table + 24, (lost + 4088).Value).U64(lost + 4088, 1).U64(array, 0x1000).Take(lost + 4096, MemoryState.Excluded);
        List<Damage> damages = [];
        Assert.Equal([(0, 0x1000UL, false)], Numbers(damages));
        Assert.Contains("64 to 127 is missing", damages.Single().Reason);
    }

    private (int, ulong, bool)[] Numbers(List<Damage> damages)
    {
        using Vmcore vmcore = kernel.Open();
        return [.. OpenFiles.Numbers(vmcore, vmcore.At("files_struct", files), damages).Select(f => (f.Number, f.File.Value, f.Closes))];
    }
}
