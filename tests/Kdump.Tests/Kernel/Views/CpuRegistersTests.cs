using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Tests.Builders;

namespace Kdump.Tests.Kernel.Views;

/// <summary>Four CPUs whose registers lie in the notes of a dump that somebody outside the kernel wrote.</summary>
public sealed class CpuRegistersTests
{
    private const ulong AreaStep = 0x10_0000;
    private readonly KernelBuilder kernel = new();
    private readonly VirtualAddress area, queues;
    private readonly List<byte> notes = [];

    public CpuRegistersTests()
    {
        BtfBuilder t = kernel.Types;
        int u32 = t.Int("int", 4), pointer = t.Pointer(0);
        t.Struct("task_struct", 64, ("pid", u32, 8));
        t.Struct("rq", 64, ("curr", pointer, 0), ("idle", pointer, 8));
        area = kernel.Memory.Allocate(4096);
        queues = kernel.Data("runqueues", 64);
        VirtualAddress offsets = kernel.Data("__per_cpu_offset", 64);
        for (int cpu = 0; cpu < 4; cpu++)
            kernel.Memory.U64(offsets + 8 * cpu, Offset(cpu));
        kernel.Memory.U64(kernel.Data("__cpu_possible_mask", 8), 0xf);
    }

    [Fact]
    public void A_hypervisor_s_notes_belong_to_the_CPUs_whose_areas_they_name()
    {
        // A panic without a crash kernel took all but CPU 2 offline; the notes stand in an order of their own, one CPU in user mode.
        Online(0b100);
        foreach (int cpu in (int[])[1, 0, 3, 2])
            PrStatus(0x1000 + (ulong)cpu, cpu + 1);
        foreach (int cpu in (int[])[1, 0, 3, 2])
            Qemu(cpu == 3 ? 0x7fff_0000 : Offset(cpu), cpu == 3 ? Offset(cpu) : 0);
        Assert.Equal([(0, 0x1000UL), (1, 0x1001), (2, 0x1002), (3, 0x1003)], Found());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void Firmware_s_registers_belong_to_the_CPUs_with_its_numbers(int size)
    {
        // Two threads of a core are CPU 0 and CPU 2 here, and the firmware numbers them 0 and 1.
        Online(0b1111);
        BtfBuilder t = kernel.Types;
        VirtualAddress ids = kernel.Data("x86_cpu_to_apicid", 64);
        t.Variable("x86_cpu_to_apicid", t.Int("unsigned", size));
        int[] numbers = [0, 2, 1, 9];
        for (int cpu = 0; cpu < 4; cpu++)
        {
            // Of two bytes, what stands behind belongs to something else.
            kernel.Memory.Write(new(unchecked(ids.Value + Offset(cpu))),
                BitConverter.GetBytes(numbers[cpu] | (size == 2 ? 0xabc0000 : 0)));
            notes.AddRange(FakeDump.Note("SADUMP", (uint)cpu, Smram(0x1000 + (ulong)cpu)));
        }
        Assert.Equal([(0, 0x1000UL), (1, 0x1002), (2, 0x1001)], Found());
    }

    private static byte[] Smram(ulong ip)
    {
        byte[] state = new byte[1024];
        BitConverter.GetBytes(ip).CopyTo(state, 984);
        return state;
    }

    [Fact]
    public void Notes_for_all_possible_CPUs_are_taken_in_their_order_where_nothing_else_tells()
    {
        Online(0b1);
        for (int cpu = 0; cpu < 4; cpu++)
            PrStatus(0x1000 + (ulong)cpu, cpu + 1);
        Assert.Equal([(0, 0x1000UL), (1, 0x1001), (2, 0x1002), (3, 0x1003)], Found());
    }

    [Fact]
    public void A_CPU_that_a_panic_stopped_still_counts()
    {
        // Three ran, the fourth was never plugged in.
        Online(0b1);
        kernel.Memory.U64(kernel.Data("__cpu_active_mask", 8), 0b111);
        for (int cpu = 0; cpu < 3; cpu++)
            PrStatus(0x1000 + (ulong)cpu, 0);
        Assert.Equal([(0, 0x1000UL), (1, 0x1001), (2, 0x1002)], Found());
    }

    [Fact]
    public void With_fewer_notes_than_CPUs_only_the_process_tells_whose_they_are()
    {
        Online(0b1111);
        int[] pids = [0, 40, 41, 0];
        for (int cpu = 0; cpu < 4; cpu++)
        {
            VirtualAddress task = kernel.Memory.Allocate(64);
            kernel.Memory.U32(task + 8, (uint)pids[cpu]);
            VirtualAddress queue = new(unchecked(queues.Value + Offset(cpu)));
            kernel.Memory.Write(queue, new byte[64]);
            kernel.Memory.U64(queue, task.Value);
        }
        PrStatus(0x2000, 0);
        PrStatus(0x2001, 41);
        Assert.Equal([(2, 0x2001UL)], Found());
    }

    [Fact]
    public void Notes_that_contradict_their_order_are_not_taken_by_it()
    {
        // One note names CPU 1 and stands first; the other cannot tell.
        Online(0b11);
        PrStatus(0x1000, 1);
        PrStatus(0x1001, 2);
        Qemu(Offset(1), 0);
        Qemu(0, 0);
        Assert.Equal([(1, 0x1000UL)], Found());
    }

    private ulong Offset(int cpu) => unchecked(area.Value - queues.Value + (ulong)cpu * AreaStep);

    private void Online(ulong mask) => kernel.Memory.U64(kernel.Data("__cpu_online_mask", 8), mask);

    private void PrStatus(ulong ip, int pid)
    {
        byte[] description = new byte[336];
        BitConverter.GetBytes(pid).CopyTo(description, 32);
        BitConverter.GetBytes(ip).CopyTo(description, 112 + 16 * 8);
        notes.AddRange(FakeDump.Note("CORE", 1, description));
    }

    private void Qemu(ulong gs, ulong kernelGs)
    {
        byte[] description = new byte[440];
        BitConverter.GetBytes(1).CopyTo(description, 0);
        BitConverter.GetBytes(440).CopyTo(description, 4);
        BitConverter.GetBytes(gs).CopyTo(description, 264);
        BitConverter.GetBytes(kernelGs).CopyTo(description, 432);
        notes.AddRange(FakeDump.Note("QEMU", 0, description));
    }

    private (int, ulong)[] Found()
    {
        FakeDump dump = kernel.Dump();
        dump.MoreNotes.AddRange(notes);
        using Vmcore vmcore = Vmcore.Open(dump);
        return [.. vmcore.Registers.Select(r => (r.Key, r.Value.Ip.Value))];
    }
}
