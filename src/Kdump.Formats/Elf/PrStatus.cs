using Kdump.Formats.Bytes;

namespace Kdump.Formats.Elf;

/// <summary>
/// NT_PRSTATUS (include/linux/elfcore.h: struct elf_prstatus): the registers of one CPU. The notes stand in CPU order,
/// but CPUs that were offline or did not answer are missing, and <see cref="Pid"/> is 0 for every idle task: neither names the CPU.
/// </summary>
/// <param name="RawRegisters">pr_reg as it is, for machines whose registers have no type here.</param>
/// <param name="X8664">The registers by name when the machine is an x86-64.</param>
public sealed record PrStatus(int Signal, int Pid, ReadOnlyMemory<byte> RawRegisters, X8664Registers? X8664)
{
    /// <summary>
    /// Where pr_pid and pr_reg lie: two signal masks are longs before the process id, and four times are two longs each behind the ids.
    /// </summary>
    private const int PidAt64 = 32, RegistersAt64 = 112, PidAt32 = 24, RegistersAt32 = 72;

    /// <param name="machine">The dump's machine as <c>uname -m</c> says it.</param>
    /// <param name="is64">Longs of the machine have eight bytes, else four (i386, arm).</param>
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
