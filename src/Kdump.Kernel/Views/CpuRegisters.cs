using System.Buffers.Binary;
using Kdump.Formats.Bytes;
using Kdump.Formats.Elf;
using Kdump.Kernel.Arch;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Unwind;

namespace Kdump.Kernel.Views;

/// <summary>
/// Registers of each CPU at the crash. The kernel saves them as PRSTATUS notes in per-CPU memory (crash_notes); the dump's own notes are
/// copies of these, without CPUs that saved none. A hypervisor's dump has one note for each virtual CPU, even if the kernel had taken it
/// offline (a panic without a crash kernel stops the other CPUs). A firmware's dump has notes by interrupt controller number. The CPU of
/// a note must be proven: by the per-CPU area in the hypervisor's own registers, by the process that it ran, or because there is one note
/// for each CPU.
/// </summary>
public static class CpuRegisters
{
    /// <summary>
    /// Offset of pr_pid in struct elf_prstatus if a long has eight bytes. It is the process id, except in QEMU's notes, where it is a
    /// number of the CPU.
    /// </summary>
    private const int PidAt = 32;

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
        return found.Count > 0 ? found : FromNotes(kernel, architecture);
    }

    private static SortedDictionary<int, Registers> FromNotes(CrashedKernel kernel, Architecture architecture)
    {
        List<(Registers Saved, int Pid)> notes = [];
        List<ElfNote> hypervisors = [];
        foreach (ElfNote note in kernel.Dump.ElfNotes)
        {
            if (note.Type == ElfNote.PrStatus && note.Name == "CORE" && architecture.OfPrStatus(note.Description.Span) is { } registers)
                notes.Add((registers, BinaryPrimitives.ReadInt32LittleEndian(note.Description.Span[PidAt..])));
            else if (note.Name == "QEMU")
                hypervisors.Add(note);
        }
        if (notes.Count == 0)
            return FromFirmware(kernel, architecture);
        SortedDictionary<int, Registers> found = [];
        if (kernel.PerCpu.Value is not { } perCpu)
        {
            for (int i = 0; i < notes.Count; i++)
                found[i] = notes[i].Saved;
            return found;
        }
        int?[] proven = hypervisors.Count == notes.Count
            ? [.. hypervisors.Select(h => ByArea(perCpu, architecture, h, kernel.Dump.Name))]
            : ByProcess(kernel, perCpu, [.. notes.Select(n => n.Pid)]);
        for (int i = 0; i < notes.Count; i++)
            if (proven[i] is { } cpu)
                found.TryAdd(cpu, notes[i].Saved);
        // Assign the other notes by their position, if the proven ones are at their positions. With fewer notes than CPUs it is not known
        // which CPUs have none.
        IReadOnlyList<int>? order = new[] { perCpu.Possible, perCpu.Ran, perCpu.Online }.FirstOrDefault(
            cpus => cpus.Count == notes.Count && Enumerable.Range(0, notes.Count).All(i => proven[i] is null || proven[i] == cpus[i]));
        for (int i = 0; i < notes.Count && order is not null; i++)
            found.TryAdd(order[i], notes[i].Saved);
        return found;
    }

    /// <summary>
    /// Registers from a firmware's dump, which numbers CPUs as the interrupt controller does; the kernel stores that number for each CPU.
    /// </summary>
    private static SortedDictionary<int, Registers> FromFirmware(CrashedKernel kernel, Architecture architecture)
    {
        SortedDictionary<int, Registers> found = [];
        Dictionary<uint, Registers> saved = [];
        foreach (ElfNote note in kernel.Dump.ElfNotes)
        {
            if (architecture.OfFirmware(note) is var (number, registers))
                saved.TryAdd(number, registers);
        }
        // u16 until 6.7, u32 since.
        if (saved.Count == 0 || kernel.PerCpu.Value is not { } perCpu || architecture.FirmwareIds is not { } variable ||
            kernel.FindSymbol(variable) is not { } symbol || kernel.Btf.Value is not { } types ||
            types.VariableType(variable) is not { } type || types.SizeOf(type) is not (2 or 4))
            return found;
        int size = types.SizeOf(type);
        Span<byte> id = stackalloc byte[sizeof(uint)];
        foreach (int cpu in perCpu.Possible)
        {
            id.Clear();
            if (kernel.Memory.TryRead(perCpu.Address(symbol, cpu), id[..size]) &&
                saved.TryGetValue(BinaryPrimitives.ReadUInt32LittleEndian(id), out Registers? known))
                found[cpu] = known;
        }
        return found;
    }

    private static int? ByArea(PerCpu perCpu, Architecture architecture, ElfNote note, string input)
    {
        try
        {
            ulong[] bases = architecture.PerCpuBases(note, input);
            foreach (int cpu in perCpu.Possible)
                if (perCpu.Offset(cpu) is > 0 and var offset && bases.Contains(offset))
                    return cpu;
        }
        catch (InputException)
        {
            // A note that cannot be read is not used as proof.
        }
        return null;
    }

    /// <summary>
    /// The CPU of each note by the process id that crash_save_cpu() saved. It identifies the CPU only if exactly one CPU ran that
    /// process, which is never the case for idle tasks.
    /// </summary>
    private static int?[] ByProcess(CrashedKernel kernel, PerCpu perCpu, int[] pids)
    {
        Dictionary<int, int?> running = [];
        foreach (int cpu in kernel.Btf.Value is null ? [] : perCpu.Ran)
        {
            try
            {
                int pid = kernel.At("task_struct", RunQueue.Read(kernel, cpu).Current).S32("pid");
                running[pid] = running.ContainsKey(pid) ? null : cpu;
            }
            catch (InputException)
            {
                // A missing run queue is not used as proof.
            }
        }
        return [.. pids.Select(pid => pid > 0 && pids.Count(p => p == pid) == 1 ? running.GetValueOrDefault(pid) : null)];
    }

    private static Registers? FromMemory(Architecture architecture, KernelMemory memory, VirtualAddress note)
    {
        Span<byte> raw = stackalloc byte[12 + 8 + architecture.PrStatusBytes];
        if (!memory.TryRead(note, raw))
            return null;
        // Elf64_Nhdr {5, PrStatusBytes, NT_PRSTATUS} "CORE": zeros if the CPU saved nothing.
        if (BinaryPrimitives.ReadUInt32LittleEndian(raw) != 5 || BinaryPrimitives.ReadUInt32LittleEndian(raw[8..]) != ElfNote.PrStatus ||
            !raw[12..].StartsWith("CORE\0"u8))
            return null;
        return architecture.OfPrStatus(raw[20..]);
    }
}
