using System.Text;
using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Tests.Builders;

namespace Kdump.Tests.Kernel;

/// <summary>
/// A whole small kernel: memory, symbols, types, VMCOREINFO. Tests lay out the structs that their subject reads, and break what they like.
/// </summary>
internal sealed class KernelBuilder
{
    public const string Release = "6.6.6-test";
    private ulong text = MemoryBuilder.ImageStart + 0x1000;
    private ulong data = MemoryBuilder.ImageStart + 0x80_0000;

    public KernelBuilder()
    {
        Symbols.Add("_stext", MemoryBuilder.ImageStart);
        VirtualAddress uts = Data("init_uts_ns", 400);
        Memory.Text(uts, "Linux").Text(uts + 65, "host").Text(uts + 130, Release).Text(uts + 195, "#1 SMP").Text(uts + 260, "x86_64");
        Root = Data("swapper_pg_dir", 4096, 4096);
    }

    public MemoryBuilder Memory { get; } = new();

    public KallsymsBuilder Symbols { get; } = new();

    public BtfBuilder Types { get; } = new();

    public VirtualAddress Root { get; }

    public StringBuilder Info { get; } = new();

    public bool WithBtf { get; set; } = true;

    /// <summary>What VMCOREINFO says; the tables and the dump have pages of 4 KiB all the same.</summary>
    public int PageSize { get; set; } = 4096;

    /// <summary>VMCOREINFO names the kallsyms tables, as from 6.0 on.</summary>
    public bool WithKeys { get; set; } = true;

    public KallsymsForm Form { get; set; } = KallsymsForm.PerCpuAbsolute;

    public KallsymsOrder Order { get; set; } = KallsymsOrder.OffsetsLast;

    public VirtualAddress Data(string symbol, int size, int align = 64)
    {
        data = (data + (ulong)align - 1) & ~((ulong)align - 1);
        VirtualAddress at = new(data);
        Memory.Write(at, new byte[size]);
        Symbols.Add(symbol, data, 'D');
        data += (ulong)size;
        return at;
    }

    public VirtualAddress Function(string name, int size)
    {
        VirtualAddress at = new(text);
        byte[] code = new byte[size];
        code.AsSpan().Fill(0x90);
        Memory.Write(at, code);
        Symbols.Add(name, text);
        text += (ulong)size;
        return at;
    }

    public string VmcoreInfo()
    {
        StringBuilder info = new($"OSRELEASE={Release}\nPAGESIZE={PageSize}\nNUMBER(phys_base)=0\nNUMBER(pgtable_l5_enabled)=0\n");
        foreach ((string name, ulong address) in Symbols.Symbols.Where(
            s => s.Name is "_stext" or "init_uts_ns" or "swapper_pg_dir" or "prb" or "log_buf"))
            info.Append($"SYMBOL({name})={address:x}\n");
        if (WithKeys)
            foreach ((string name, VirtualAddress address) in Symbols.Tables)
                if (name is not ("kallsyms_markers" or "kallsyms_seqs_of_names") &&
                    (name != "kallsyms_offsets" || Form != KallsymsForm.Absolute))
                    info.Append($"SYMBOL({name})={address}\n");
        return info.Append(Info).ToString();
    }

    public FakeDump Dump(bool withNote = true)
    {
        VirtualAddress at = new(MemoryBuilder.ImageStart + 0x40_0000);
        if (WithBtf)
        {
            byte[] btf = Types.Bytes();
            Memory.Write(at, btf);
            Symbols.Add("__start_BTF", at.Value, 'R').Add("__stop_BTF", at.Value + (ulong)btf.Length, 'R');
            at += btf.Length;
        }
        Symbols.Add("_end", MemoryBuilder.ImageStart + 0x100_0000, 'B');
        Symbols.Build(Memory, new VirtualAddress((at.Value + 63) & ~63UL), Form, Order);
        return Memory.ToDump(Root, withNote ? VmcoreInfo : null);
    }

    public Vmcore Open() => Vmcore.Open(Dump());
}
