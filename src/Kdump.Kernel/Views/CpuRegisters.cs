using System.Buffers.Binary;
using Kdump.Formats.Bytes;
using Kdump.Formats.Elf;
using Kdump.Kernel.Arch;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Unwind;

namespace Kdump.Kernel.Views;

/// <summary>
/// Registers of each CPU at the crash. The kernel leaves them as PRSTATUS notes in per-CPU memory (crash_notes); the dump's own notes are
/// the
/// same ones, but without the CPUs that left none, so that only memory tells whose they are. A dump that QEMU wrote has one note for each
/// CPU.
/// </summary>
public static class CpuRegisters
{
    public static IReadOnlyDictionary<int, Registers> Read(CrashedKernel kernel, Architecture architecture)
    {
        SortedDictionary<int, Registers> found = [];
        if (kernel.PerCpu.Value is { } perCpu && kernel.FindSymbol("crash_notes") is { } symbol &&
            kernel.Memory.TryU64(symbol, out ulong notes) && notes != 0)
        {
            foreach (int cpu in perCpu.Possible)
                if (FromMemory(architecture, kernel.Memory, perCpu.Address(new VirtualAddress(notes), cpu)) is { } registers)
                    found[cpu] = registers;
        }
        if (found.Count > 0)
            return found;
        int next = 0;
        IReadOnlyList<int>? online = kernel.PerCpu.Value?.Online;
        List<Registers> inNotes = [];
        foreach (ElfNote note in kernel.Dump.ElfNotes)
            if (note.Type == ElfNote.PrStatus && note.Name == "CORE" &&
                architecture.OfPrStatus(note.Description.Span) is { } registers)
                inNotes.Add(registers);
        // With fewer notes than CPUs nobody knows whose are missing.
        if (online is not null && inNotes.Count != online.Count)
            return found;
        for (; next < inNotes.Count; next++)
            found[online is null ? next : online[next]] = inNotes[next];
        return found;
    }

    private static Registers? FromMemory(Architecture architecture, KernelMemory memory, VirtualAddress note)
    {
        Span<byte> raw = stackalloc byte[12 + 8 + architecture.PrStatusBytes];
        if (!memory.TryRead(note, raw))
            return null;
        // Elf64_Nhdr {5, PrStatusBytes, NT_PRSTATUS} "CORE": zeros where the CPU left nothing.
        if (BinaryPrimitives.ReadUInt32LittleEndian(raw) != 5 || BinaryPrimitives.ReadUInt32LittleEndian(raw[8..]) != ElfNote.PrStatus ||
            !raw[12..].StartsWith("CORE\0"u8))
            return null;
        return architecture.OfPrStatus(raw[20..]);
    }
}
