using System.Buffers.Binary;
using Kdump.Cli.Commands;
using Kdump.Cli.Terminals;
using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;
using Kdump.Formats.Elf;
using Kdump.Kernel;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Views;

namespace Kdump.Bench;

/// <summary>
/// A dump that remembers which of its pages were read. <see cref="Cut"/> writes an ELF core of only those that the views of kdt vmcore
/// need:
/// a real kernel's bytes, small enough for a repository. It makes the fixture in fixtures/dumps and is no part of the program.
/// </summary>
internal sealed class TouchedPages(Dump inner) : Dump
{
    private readonly SortedSet<ulong> touched = [];

    public override string Name => inner.Name;

    public override string Format => inner.Format;

    public override DumpInfo Info => inner.Info;

    public override int PageSize => inner.PageSize;

    public override Pfn MaxPfn => inner.MaxPfn;

    public override bool Incomplete => inner.Incomplete;

    public override ReadOnlyMemory<byte> Notes => inner.Notes;

    public override PageState State(Pfn pfn) => inner.State(pfn);

    public override PageState ReadPage(Pfn pfn, Span<byte> page)
    {
        lock (touched)
            touched.Add(pfn.Value);
        return inner.ReadPage(pfn, page);
    }

    /// <summary>The search for VMCOREINFO looks at the start of every page: that is no use of them.</summary>
    public override PageState ReadStart(Pfn pfn, Span<byte> start) => inner.ReadStart(pfn, start);

    /// <summary>
    /// cut VMCORE OUT.elf [VIEW…]: everything that info, log, ps, bt --all, irq, modules, devices, explain and these views look at.
    /// </summary>
    public static void Cut(string from, string to, IEnumerable<string> views)
    {
        using TouchedPages dump = new(DumpFormats.Open([from]));
        using Vmcore vmcore = Vmcore.Open(dump);
        _ = (vmcore.Layers, vmcore.Crash, vmcore.Registers, SystemName.Read(vmcore), vmcore.Irqs.Status, vmcore.Devices.Status);
        // Without a walker for the architecture there are no stacks to look at.
        if (vmcore.Walker.Value is not null)
        {
            Stacks stacks = vmcore.Stacks();
            foreach (TaskStruct task in vmcore.Tasks.Value!.All)
                _ = stacks.Of(task);
            _ = new BlockedTasks(vmcore, vmcore.Tasks.Value!.All, stacks);
        }
        Context context = new(TextWriter.Null, Console.Error, () => Stream.Null, Terminal.Plain) { Opened = vmcore };
        foreach (string view in views)
            VmcoreCommand.Build(context).Parse(view).Invoke();
        dump.Write(to, Identity(from));
    }

    /// <summary>Byte order and machine of the ELF file that is cut; those of x86-64 for other formats.</summary>
    private static (bool Big, ushort Machine) Identity(string path)
    {
        byte[] head = new byte[64];
        using FileStream file = File.OpenRead(path);
        file.ReadExactly(head);
        if (!head.AsSpan().StartsWith("\u007fELF"u8))
            return (false, ElfMachine.X8664);
        bool big = head[5] == 2;
        ushort machine = BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(18));
        return (big, big ? BinaryPrimitives.ReverseEndianness(machine) : machine);
    }

    protected override void Dispose(bool disposing) => inner.Dispose();

    private void Write(string path, (bool Big, ushort Machine) identity)
    {
        List<(ulong First, ulong End)> runs = [];
        foreach (ulong pfn in touched.Where(p => inner.State(new Pfn(p)) == PageState.Present))
        {
            if (runs.Count > 0 && runs[^1].End == pfn)
                runs[^1] = (runs[^1].First, pfn + 1);
            else
                runs.Add((pfn, pfn + 1));
        }
        using FileStream file = File.Create(path);
        int headers = 64 + 56 * (runs.Count + 1);
        byte[] head = new byte[headers];
        // Elf64_Ehdr of a core, then one PT_NOTE and a PT_LOAD for each run.
        new byte[] { 0x7F, (byte)'E', (byte)'L', (byte)'F', 2, (byte)(identity.Big ? 2 : 1), 1 }.CopyTo(head, 0);
        U16(16, 4);
        U16(18, identity.Machine);
        U32(20, 1);
        U64(32, 64);
        U16(52, 64);
        U16(54, 56);
        U16(56, checked((ushort)(runs.Count + 1)));
        long at = headers;
        Program(0, ElfSegment.Note, 0, Notes.Length);
        foreach (((ulong first, ulong end), int i) in runs.Select((r, i) => (r, i)))
            Program(i + 1, ElfSegment.Load, first * (ulong)PageSize, (long)(end - first) * PageSize);
        file.Write(head);
        file.Write(Notes.Span);
        byte[] page = new byte[PageSize];
        foreach ((ulong first, ulong end) in runs)
        {
            for (ulong pfn = first; pfn < end; pfn++)
            {
                inner.ReadPage(new Pfn(pfn), page);
                file.Write(page);
            }
        }
        System.Console.WriteLine(
            $"{runs.Sum(r => (long)(r.End - r.First))} of {inner.Count().Present} pages in {runs.Count} runs, {file.Length} bytes");

        void Program(int index, uint type, ulong physical, long length)
        {
            int p = 64 + 56 * index;
            U32(p, type);
            U64(p + 8, (ulong)at);
            U64(p + 24, physical);
            U64(p + 32, (ulong)length);
            U64(p + 40, (ulong)length);
            at += length;
        }

        void U16(int offset, ushort value) => Put(head.AsSpan(offset, 2), value);
        void U32(int offset, uint value) => Put(head.AsSpan(offset, 4), value);
        void U64(int offset, ulong value) => Put(head.AsSpan(offset, 8), value);

        void Put(Span<byte> place, ulong value)
        {
            for (int i = 0; i < place.Length; i++)
                place[identity.Big ? place.Length - 1 - i : i] = (byte)((value >> (8 * i)) & 0xff);
        }
    }
}
