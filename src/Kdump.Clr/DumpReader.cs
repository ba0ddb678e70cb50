using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Views;
using Microsoft.Diagnostics.Runtime;
using Microsoft.Diagnostics.Runtime.DataReaders.Implementation;

namespace Kdump.Clr;

/// <summary>A process of the dead kernel as ClrMD reads one: its pages, the user registers of its threads, the files that it had
/// mapped.</summary>
internal sealed class DumpReader : IDataReader, IThreadReader
{
    /// <summary>
    /// Offsets in CONTEXT of winnt.h, which the runtime's reader takes for registers on Linux too, and in user_regs_struct by index.
    /// </summary>
    private static readonly (int At, int Register)[] Registers =
    [
        (0x78, 10), (0x80, 11), (0x88, 12), (0x90, 5), (0x98, 19), (0xa0, 4), (0xa8, 13), (0xb0, 14), (0xb8, 9), (0xc0, 8), (0xc8, 7),
        (0xd0, 6), (0xd8, 3), (0xe0, 2), (0xe8, 1), (0xf0, 0), (0xf8, 16),
    ];

    private const int FlagsAt = 0x30, EFlagsAt = 0x44, CsAt = 0x38, SsAt = 0x42;

    /// <summary>CONTEXT_AMD64 with control, integer and segment registers.</summary>
    private const uint Flags = 0x10000B;

    private readonly ProcessCore process;
    private readonly ProcessReader reader;

    public DumpReader(ProcessCore process)
    {
        this.process = process;
        reader = new ProcessReader(process.Pages);
    }

    public string DisplayName => $"process {process.Memory.Task.Tgid}";

    public bool IsThreadSafe => false;

    public OSPlatform TargetPlatform => OSPlatform.Linux;

    public Architecture Architecture => Architecture.X64;

    public int ProcessId => process.Memory.Task.Tgid;

    public int PointerSize => 8;

    /// <summary>Pages that were asked for and are not there.</summary>
    public CorePages Missing => reader.Missing;

    public int Read(ulong address, Span<byte> buffer) => reader.Read(address, buffer);

    public bool Read<T>(ulong address, out T value)
        where T : unmanaged
    {
        Span<byte> raw = stackalloc byte[Unsafe.SizeOf<T>()];
        bool whole = Read(address, raw) == raw.Length;
        value = whole ? MemoryMarshal.Read<T>(raw) : default;
        return whole;
    }

    public T Read<T>(ulong address)
        where T : unmanaged => Read(address, out T value) ? value : default;

    public bool ReadPointer(ulong address, out ulong value) => Read(address, out value);

    public ulong ReadPointer(ulong address) => Read<ulong>(address);

    public void FlushCachedData() { }

    /// <summary>Files by the lowest address that each is mapped at, if that is the beginning of the file.</summary>
    public IEnumerable<(string Path, ulong Base)> Mapped() => process.Memory.Areas
        .Where(a => a.Area.File.Value != 0 && a.Area.PageOffset == 0 && a.Name.StartsWith('/'))
        .GroupBy(a => a.Name, StringComparer.Ordinal).Select(g => (g.Key, g.Min(a => a.Area.Start.Value)));

    public IEnumerable<ModuleInfo> EnumerateModules()
    {
        foreach ((string path, ulong at) in Mapped())
            if (ModuleInfo.TryCreate(this, at, path, null) is { } module)
                yield return module;
    }

    public IEnumerable<uint> EnumerateOSThreadIds() => process.Notes.With.Select(t => (uint)t.Thread.Pid);

    public ulong GetThreadTeb(uint osThreadId) => 0;

    public bool GetThreadContext(uint threadID, uint contextFlags, Span<byte> context)
    {
        if (context.Length < 0x100)
            return false;
        foreach ((TaskStruct thread, UserRegisters registers) in process.Notes.With)
        {
            if (thread.Pid != threadID)
                continue;
            context.Clear();
            BinaryPrimitives.WriteUInt32LittleEndian(context[FlagsAt..], Flags);
            BinaryPrimitives.WriteUInt16LittleEndian(context[CsAt..], (ushort)(registers.Values[17] & 0xffff));
            BinaryPrimitives.WriteUInt16LittleEndian(context[SsAt..], (ushort)(registers.Values[20] & 0xffff));
            BinaryPrimitives.WriteUInt32LittleEndian(context[EFlagsAt..], (uint)(registers.Values[18] & 0xffff_ffff));
            foreach ((int at, int register) in Registers)
                BinaryPrimitives.WriteUInt64LittleEndian(context[at..], registers.Values[register]);
            return true;
        }
        return false;
    }
}
