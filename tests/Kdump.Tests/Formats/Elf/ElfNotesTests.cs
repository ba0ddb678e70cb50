using Kdump.Formats.Bytes;
using Kdump.Formats.Elf;
using Kdump.Tests.Builders;

namespace Kdump.Tests.Formats.Elf;

public sealed class ElfNotesTests
{
    private readonly List<Damage> damages = [];

    private IReadOnlyList<ElfNote> Read(byte[] blob) => ElfNotes.Read(blob, "vmcore", false, damages);

    [Fact]
    public void Notes_aligned_to_four_bytes_are_read_one_after_the_other()
    {
        IReadOnlyList<ElfNote> notes =
            Read(new NotesBuilder().Add("CORE", 1, new byte[336]).Add("VMCOREINFO", 0, "A=1"u8).Add("LINUX", 0x700, new byte[5]).ToArray());
        Assert.Equal([("CORE", 1u, 336), ("VMCOREINFO", 0u, 3), ("LINUX", 0x700u, 5)],
            notes.Select(n => (n.Name, n.Type, n.Description.Length)));
        Assert.Empty(damages);
    }

    [Fact]
    public void The_empty_note_of_a_CPU_that_did_not_answer_is_stepped_over()
    {
        byte[] blob = [.. new NotesBuilder().Add("CORE", 1, new byte[336]).ToArray(), .. new byte[12 * 3],
            .. new NotesBuilder().Add("VMCOREINFO", 0, "A=1"u8).ToArray()];
        Assert.Equal(["CORE", "VMCOREINFO"], Read(blob).Select(n => n.Name));
    }

    [Theory]
    [InlineData(0, 0xffff_ffffu, "n_namesz")]
    [InlineData(0, 0x8000_0000u, "n_namesz")]
    [InlineData(4, 0xffff_ffffu, "n_descsz")]
    [InlineData(4, 0x7fff_ffffu, "n_descsz")]
    public void A_note_that_claims_more_than_there_is_ends_the_walk_and_is_a_damage(int field, uint value, string name)
    {
        byte[] good = new NotesBuilder().Add("CORE", 1, new byte[20]).ToArray(),
            bad = new NotesBuilder().Add("VMCOREINFO", 0, "A=1"u8).ToArray();
        BitConverter.GetBytes(value).CopyTo(bad, field);
        Assert.Equal("CORE", Assert.Single(Read([.. good, .. bad])).Name);
        Damage damage = Assert.Single(damages);
        Assert.Equal((name, (long)good.Length + field), (damage.Field, damage.Offset));
    }

    [Fact]
    public void Every_truncation_of_a_blob_is_read_as_far_as_it_goes()
    {
        byte[] blob = new NotesBuilder().Add("CORE", 1, new byte[30]).VmcoreInfo("OSRELEASE=6.1\n").ToArray();
        for (int length = 0; length < blob.Length; length++)
            Assert.InRange(Read(blob[..length]).Count, 0, 2);
    }

    [Fact]
    public void PRSTATUS_gives_registers_by_name()
    {
        byte[] description = new byte[336];
        BitConverter.GetBytes(4242).CopyTo(description, 32);
        for (int i = 0; i < 27; i++)
            BitConverter.GetBytes(0x100L + i).CopyTo(description, 112 + 8 * i);
        PrStatus status = PrStatus.Read(Read(new NotesBuilder().Add("CORE", 1, description).ToArray())[0], "x86_64", "vmcore");
        Assert.Equal((4242, 0x100UL, 0x110UL, 0x113UL, 0x116UL, 0x11aUL),
            (status.Pid, status.X8664!.R15, status.X8664.Rip, status.X8664.Rsp, status.X8664.GsBase, status.X8664.Gs));
        Assert.Null(PrStatus.Read(new ElfNote("CORE", 1, description, 0), "aarch64", "vmcore").X8664);
    }

    [Fact]
    public void PRSTATUS_of_a_32_bit_machine_has_its_process_id_and_registers_further_up()
    {
        byte[] description = new byte[144];
        BitConverter.GetBytes(777).CopyTo(description, 24);
        description[72] = 0xaa;
        PrStatus status = PrStatus.Read(new ElfNote("CORE", 1, description, 0), "i686", "vmcore", is64: false);
        Assert.Equal((777, 72, 0xaa), (status.Pid, status.RawRegisters.Length, status.RawRegisters.Span[0]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(35)]
    [InlineData(100)]
    [InlineData(327)]
    public void A_short_PRSTATUS_is_refused_by_field(int length) =>
        Assert.Throws<InputException>(() => PrStatus.Read(new ElfNote("CORE", 1, new byte[length], 0), "x86_64", "vmcore"));

    [Fact]
    public void The_QEMU_note_of_either_length_is_read()
    {
        byte[] description = new byte[440];
        description[0] = 1;
        BitConverter.GetBytes(0xffffffff81000000UL).CopyTo(description, 8 + 16 * 8);
        BitConverter.GetBytes(0x2a88000UL).CopyTo(description, 8 + 18 * 8 + 10 * 24 + 3 * 8);
        BitConverter.GetBytes(0x77UL).CopyTo(description, 432);
        QemuCpuState state = QemuCpuState.Read(new ElfNote("QEMU", 0, description, 0), "vmcore");
        Assert.Equal((0xffffffff81000000UL, 0x2a88000UL, 0x77UL), (state.Rip, state.Cr3, state.KernelGsBase));
        Assert.Null(QemuCpuState.Read(new ElfNote("QEMU", 0, description.AsMemory(0, 432), 0), "vmcore").KernelGsBase);
        Assert.Throws<InputException>(() => QemuCpuState.Read(new ElfNote("QEMU", 0, description.AsMemory(0, 431), 0), "vmcore"));
    }
}
