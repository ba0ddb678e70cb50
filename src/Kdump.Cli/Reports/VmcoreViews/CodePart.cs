using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Arch;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary>Which part of the code is wanted, where it is not what <see cref="CodeView"/> shows by itself.</summary>
/// <param name="Reverse">From the begin of the function to the address, which is included.</param>
/// <param name="Forward">From the address to the end of the function.</param>
/// <param name="Count">So many instructions; 0: all. With <paramref name="Reverse"/> the last ones.</param>
internal readonly record struct CodePart(bool Reverse, bool Forward, int Count)
{
    /// <summary>No instruction of x86 is longer.</summary>
    private const int MostBytes = 15;

    /// <param name="all">The instructions of the function.</param>
    /// <param name="start">Its first address.</param>
    /// <param name="end">Behind its last.</param>
    public IEnumerable<Instruction> Of(Vmcore vmcore, Disassembler code, IReadOnlyList<Instruction> all, VirtualAddress at,
        VirtualAddress start, VirtualAddress end)
    {
        if (Reverse)
        {
            // An address within an instruction is that of the instruction.
            Instruction[] before = [.. all.Where(i => i.Address <= at)];
            return Count > 0 ? before.TakeLast(Count) : before;
        }
        if (at < start || at >= end)
            throw new InputException(vmcore.Dump.Name, "disasm", -1, $"{at} is in no function");
        // Without --forward a count may lead over the end of the function, as in crash.
        VirtualAddress to = Forward ? end : at + (long)Count * MostBytes;
        IReadOnlyList<Instruction> after = code.Range(at, to);
        return Count > 0 ? after.Take(Count) : after;
    }
}
