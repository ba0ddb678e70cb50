using System.Buffers.Binary;
using System.Text;
using Kdump.Kernel;
using Kdump.Tests.Builders;

namespace Kdump.Tests.Kernel.Arch;

/// <summary>Dumps of machines whose page tables are not read: the log is there by the linear map, stacks are refused with a
/// reason.</summary>
public sealed class LinearArchitectureTests
{
    private const string Release = "6.6.6-other";

    /// <summary>Machine, where the image begins, where memory begins, more of VMCOREINFO.</summary>
    public static TheoryData<string, ulong, ulong, string> Machines => new()
    {
        { "ppc64le", 0xc000_0000_0002_0000, 0xc000_0000_0000_0000, "" },
        { "loongarch64", 0x9000_0000_0020_0000, 0x9000_0000_0000_0000, "" },
        {
            "riscv64", 0xffff_ffff_8000_2000, 0xffff_ffff_8000_0000,
            "NUMBER(phys_ram_base)=0x80000000\nNUMBER(PAGE_OFFSET)=0xff60000000000000\nNUMBER(MODULES_VADDR)=0xffffffff01622000\n" +
            "NUMBER(KERNEL_LINK_ADDR)=0xffffffff80000000\nNUMBER(va_kernel_pa_offset)=0xffffffff80000000\n"
        },
    };

    private static (Vmcore Kernel, Dictionary<ulong, byte[]> Frames) Open(string machine, ulong image, ulong first, string more,
        string? without = null, string? uname = null)
    {
        Dictionary<ulong, byte[]> frames = [];
        void Put(ulong at, ReadOnlySpan<byte> bytes)
        {
            ulong physical = unchecked(at - first);
            foreach (byte b in bytes)
            {
                if (!frames.TryGetValue(physical >> 12, out byte[]? page))
                    frames[physical >> 12] = page = new byte[4096];
                page[physical & 4095] = b;
                physical++;
            }
        }
        ulong uts = image + 0x1000, buffer = image + 0x3000, variables = image + 0x2000;
        Put(image, new byte[16]);
        Put(uts + 130, Encoding.ASCII.GetBytes(Release));
        Put(uts + 260, Encoding.ASCII.GetBytes((uname ?? machine) + "\0"));
        byte[] words = new byte[32];
        BinaryPrimitives.WriteUInt64LittleEndian(words, buffer);
        BinaryPrimitives.WriteUInt32LittleEndian(words.AsSpan(8), 256);
        byte[] text = Encoding.ASCII.GetBytes("Kernel panic - not syncing: sysrq");
        byte[] record = new byte[64];
        BinaryPrimitives.WriteUInt64LittleEndian(record, 5_000_000_000);
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(8), 64);
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(10), (ushort)text.Length);
        text.CopyTo(record, 16);
        BinaryPrimitives.WriteUInt32LittleEndian(words.AsSpan(16), 64);
        Put(variables, words);
        Put(buffer, record);
        string info = $"OSRELEASE={Release}\nPAGESIZE=4096\nSYMBOL(_stext)={image:x}\nSYMBOL(init_uts_ns)={uts:x}\n" +
            $"SYMBOL(log_buf)={variables:x}\nSYMBOL(log_buf_len)={variables + 8:x}\nSYMBOL(log_first_idx)={variables + 12:x}\n" +
            $"SYMBOL(log_next_idx)={variables + 16:x}\nSIZE(printk_log)=16\nOFFSET(printk_log.ts_nsec)=0\nOFFSET(printk_log.len)=8\n" +
            "OFFSET(printk_log.text_len)=10\nOFFSET(printk_log.dict_len)=12\n" + more;
        if (without is not null)
            info = string.Join('\n', info.Split('\n').Where(l => !l.Contains(without, StringComparison.Ordinal)));
        return (Vmcore.Open(new FakeDump(frames, () => info) { Machine = machine }), frames);
    }

    [Theory]
    [MemberData(nameof(Machines))]
    public void The_log_is_read_and_stacks_are_refused_by_the_machine_s_name(string machine, ulong image, ulong first, string more)
    {
        using Vmcore kernel = Open(machine, image, first, more).Kernel;
        Assert.Equal("ok", kernel.Base.Status);
        Assert.Equal("[    5.000000] Kernel panic - not syncing: sysrq\n", kernel.Log.Value?.Text());
        Assert.Contains(machine, kernel.Walker.Status, StringComparison.Ordinal);
        Assert.Contains("x86-64 and arm64", kernel.Walker.Status, StringComparison.Ordinal);
        Assert.Empty(kernel.Registers);
    }

    [Fact]
    public void A_guest_of_POWER_has_the_byte_order_of_its_memory_and_not_of_the_header()
    {
        using Vmcore guest = Open("ppc64", 0xc000_0000_0002_0000, 0xc000_0000_0000_0000, "", uname: "ppc64le").Kernel;
        Assert.Equal("[    5.000000] Kernel panic - not syncing: sysrq\n", guest.Log.Value?.Text());
        using Vmcore other = Open("ppc64", 0xc000_0000_0002_0000, 0xc000_0000_0000_0000, "").Kernel;
        Assert.Contains("uname", other.Base.Status, StringComparison.Ordinal);
        Assert.Contains("is not that of ppc64le", other.Base.Status, StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_that_no_linear_map_has_is_not_read()
    {
        using Vmcore kernel = Open("ppc64le", 0xc008_0000_0002_0000, 0xc008_0000_0000_0000, "").Kernel;
        Assert.Contains("maps linearly", kernel.Base.Status, StringComparison.Ordinal);
    }

    [Fact]
    public void A_riscv_kernel_that_does_not_tell_its_offset_is_refused_with_the_number_s_name()
    {
        (string machine, ulong image, ulong first, string more) = ("riscv64", 0xffff_ffff_8000_2000, 0xffff_ffff_8000_0000,
            "NUMBER(PAGE_OFFSET)=0xff60000000000000\nNUMBER(phys_ram_base)=0x80000000\nNUMBER(KERNEL_LINK_ADDR)=0xffffffff80000000\n");
        using Vmcore kernel = Open(machine, image, first, more).Kernel;
        Assert.Contains("va_kernel_pa_offset", kernel.Base.Status, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("s390x")]
    [InlineData("mips64")]
    public void Another_machine_is_refused_by_its_name_with_what_reads_it(string machine)
    {
        using Vmcore kernel = Open(machine, 0x10_0000, 0, "").Kernel;
        Assert.Contains($"{machine}: kdt reads memory of x86-64 and arm64 kernels", kernel.Base.Status, StringComparison.Ordinal);
        Assert.Contains("--dump-dmesg", kernel.Base.Status, StringComparison.Ordinal);
    }
}
