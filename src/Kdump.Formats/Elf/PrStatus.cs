using Kdump.Formats.Bytes;

namespace Kdump.Formats.Elf;

/// <summary>
/// NT_PRSTATUS of a 64-bit machine (include/linux/elfcore.h: struct elf_prstatus): the registers of one CPU. The notes stand in CPU order,
/// but CPUs that were offline or did not answer are missing, and <see cref="Pid"/> is 0 for every idle task: neither names the CPU.
/// </summary>
/// <param name="RawRegisters">pr_reg as it is, for machines whose registers have no type here.</param>
/// <param name="X8664">The registers by name when the machine is an x86-64.</param>
public sealed record PrStatus(int Signal, int Pid, ReadOnlyMemory<byte> RawRegisters, X8664Registers? X8664)
{
    private const int RegistersAt = 112;

    /// <param name="machine">The dump's machine as <c>uname -m</c> says it.</param>
    /// <exception cref="InputException">The note is shorter than its registers.</exception>
    public static PrStatus Read(ElfNote note, string machine, string input, bool bigEndian = false)
    {
        Cursor c = new(note.Description.Span, $"{input} notes", note.Offset + 20, bigEndian);
        int signal = c.S32("pr_info.si_signo");
        c.Skip(28, "pr_info");
        int pid = c.S32("pr_pid");
        c.Skip(RegistersAt - c.Position, "pr_reg");
        ReadOnlyMemory<byte> raw = note.Description[RegistersAt..];
        return new PrStatus(signal, pid, raw, machine == "x86_64" ? X8664Registers.Read(ref c) : null);
    }
}
