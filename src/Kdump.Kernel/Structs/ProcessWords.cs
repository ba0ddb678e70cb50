using System.Text;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Structs;

/// <summary>The words that a process was started with, out of its own pages by its own page tables.</summary>
public sealed class ProcessWords
{
    /// <summary>Enough of arguments or environment to know a process by; the kernel allows megabytes.</summary>
    private const int MaxText = 16 << 10;

    private readonly StructReader mm;
    private readonly Lazy<KernelMemory?> user;

    public ProcessWords(CrashedKernel kernel, MmStruct memory)
    {
        mm = memory.Struct;
        user = new(() => kernel.Memory.OfProcess(mm.Pointer("pgd")));
    }

    /// <summary>What the process itself could read; null where its page tables are missing.</summary>
    public KernelMemory? User => user.Value;

    /// <summary>The program's arguments, or the mark of the memory that is missing; null where the process never had any.</summary>
    public string? Arguments() => Text("arg_start", "arg_end", ' ');

    /// <summary>Its environment as it began, one variable after the other.</summary>
    public string? Environment() => Text("env_start", "env_end", ' ');

    private string? Text(string startMember, string endMember, char between)
    {
        ulong start = mm.U64(startMember), end = mm.U64(endMember);
        if (start == 0 || end <= start)
            return null;
        if (User is not { } memory)
            return MemoryState.Absent.Mark();
        byte[] raw = new byte[(int)Math.Min(end - start, MaxText)];
        MemoryBlock block = memory.ReadBlock(new VirtualAddress(start), raw.Length);
        StringBuilder text = new();
        const int page = KernelMemory.BlockPage;
        for (int at = 0; at < raw.Length;)
        {
            int n = Math.Min(raw.Length - at, page - (int)((start + (ulong)at) % page));
            MemoryState state = block.State(at, n);
            if (state == MemoryState.Present)
                text.Append(Encoding.UTF8.GetString(block.Bytes.Slice(at, n)));
            else
                text.Append(state.Mark());
            at += n;
        }
        if (end - start > MaxText)
            text.Append('…');
        return text.ToString().TrimEnd('\0').Replace('\0', between);
    }
}
