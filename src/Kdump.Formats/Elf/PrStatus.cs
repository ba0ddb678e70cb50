using Kdump.Formats.Bytes;

namespace Kdump.Formats.Elf;

/// <summary>
/// NT_PRSTATUS (include/linux/elfcore.h: struct elf_prstatus): the registers of one CPU. The notes are in the order of CPUs, but notes of
/// CPUs that were offline or did not respond are missing, and <see cref="Pid"/> is 0 for every idle task, so neither identifies the CPU.
/// </summary>
/// <param name="RawRegisters">The bytes of pr_reg, for machines whose registers are not decoded here.</param>
/// <param name="X8664">The decoded registers on x86-64; otherwise null.</param>
public sealed record PrStatus(int Signal, int Pid, ReadOnlyMemory<byte> RawRegisters, X8664Registers? X8664)
{
    /// <summary>
    /// Offsets of pr_pid and pr_reg in bytes: before pr_pid are two signal masks of one long each, between the ids and pr_reg four times
    /// of two longs each.
    /// </summary>
    private const int PidAt64 = 32, RegistersAt64 = 112, PidAt32 = 24, RegistersAt32 = 72;

    /// <param name="machine">The dump's architecture, as in <c>uname -m</c>.</param>
    /// <param name="is64">True if a long has eight bytes, false if it has four (i386, arm).</param>
    /// <exception cref="InputException">The note is shorter than its registers.</exception>
    public static PrStatus Read(ElfNote note, string machine, string input, bool bigEndian = false, bool is64 = true)
    {
        Cursor c = new(note.Description.Span, $"{input} notes", note.Offset + 20, bigEndian);
        int signal = c.S32("pr_info.si_signo");
        c.Skip((is64 ? PidAt64 : PidAt32) - c.Position, "pr_info");
        int pid = c.S32("pr_pid");
        int registers = is64 ? RegistersAt64 : RegistersAt32;
        c.Skip(registers - c.Position, "pr_reg");
        ReadOnlyMemory<byte> raw = note.Description[registers..];
        return new PrStatus(signal, pid, raw, machine == "x86_64" && is64 ? X8664Registers.Read(ref c) : null);
    }
}
