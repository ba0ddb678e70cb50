using System.Buffers.Binary;
using System.Text;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;
using Kdump.Kernel.Unwind;

namespace Kdump.Kernel.Views;

/// <summary>
/// The notes of a core file, like those that fs/binfmt_elf.c writes: NT_PRSTATUS and NT_FPREGSET of each thread, NT_PRPSINFO, NT_AUXV,
/// NT_FILE. Layouts of x86-64 and arm64: struct elf_prstatus and elf_prpsinfo of include/linux/elfcore.h, which differ only in the
/// registers.
/// </summary>
public sealed class CoreNotes
{
    private const uint PrStatus = 1, FpRegisters = 2, PrPsInfo = 3, Auxiliary = 6, Files = 0x46494C45;
    private const int RegistersAt = 112, PsInfoBytes = 136, FxsaveBytes = 512, VectorBytes = 528;

    private readonly CrashedKernel kernel;
    private readonly ProcessAreas memory;
    private readonly List<Damage> damages = [];
    private readonly List<(uint Type, byte[] Contents)> notes = [];

    internal CoreNotes(CrashedKernel kernel, TaskStruct task,
        IReadOnlyList<TaskStruct> threads, IReadOnlyDictionary<int, Registers> registers,
        ProcessAreas memory)
    {
        this.kernel = kernel;
        this.memory = memory;
        bool first = true;
        foreach (TaskStruct thread in threads)
        {
            UserRegisters? found = null;
            try
            {
                found = UserRegisters.Of(kernel, thread, registers);
            }
            catch (InputException e)
            {
                damages.Add(Damage.From(e));
            }
            if (found is null)
            {
                Without.Add(thread);
                continue;
            }
            notes.Add((PrStatus, Status(thread, found)));
            if (first)
                AddProcess(task);
            first = false;
            if (Floats(thread) is { } floats)
                notes.Add((FpRegisters, floats));
            With.Add((thread, found));
        }
        if (first)
            AddProcess(task);
    }

    /// <summary>Threads whose user registers are in the core, each with the source of its registers.</summary>
    public List<(TaskStruct Thread, UserRegisters Registers)> With { get; } = [];

    /// <summary>Threads whose user registers are not in the dump.</summary>
    public List<TaskStruct> Without { get; } = [];

    public IReadOnlyList<Damage> Damages => damages;

    /// <summary>All notes, in the form of a PT_NOTE segment.</summary>
    public byte[] Bytes()
    {
        MemoryStream all = new();
        Span<byte> header = stackalloc byte[12];
        foreach ((uint type, byte[] contents) in notes)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(header, 5);
            BinaryPrimitives.WriteInt32LittleEndian(header[4..], contents.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(header[8..], type);
            all.Write(header);
            all.Write("CORE\0\0\0\0"u8);
            all.Write(contents);
            while (all.Length % 4 != 0)
                all.WriteByte(0);
        }
        return all.ToArray();
    }

    private void AddProcess(TaskStruct task)
    {
        Try(() => notes.Add((PrPsInfo, PsInfo(task))));
        Try(() =>
        {
            StructReader mm = memory.Mm.Struct;
            byte[] vector = new byte[Math.Min(4096, mm.Type.SizeOf("saved_auxv"))];
            kernel.Memory.Read(mm.AddressOf("saved_auxv"), vector, "mm_struct.saved_auxv");
            // The vector ends with AT_NULL.
            int end = 0;
            while (end + 16 <= vector.Length && BinaryPrimitives.ReadUInt64LittleEndian(vector.AsSpan(end)) != 0)
                end += 16;
            notes.Add((Auxiliary, vector[..Math.Min(vector.Length, end + 16)]));
        });
        notes.Add((Files, MappedFiles()));
    }

    private void Try(Action add)
    {
        try
        {
            add();
        }
        catch (InputException e)
        {
            damages.Add(Damage.From(e));
        }
    }

    private static byte[] Status(TaskStruct thread, UserRegisters registers)
    {
        // After the registers follows pr_fpvalid, padded to a word.
        byte[] raw = new byte[RegistersAt + 8 * registers.Values.Count + 8];
        BinaryPrimitives.WriteInt32LittleEndian(raw.AsSpan(32), thread.Pid);
        BinaryPrimitives.WriteInt32LittleEndian(raw.AsSpan(36), thread.ParentPid);
        BinaryPrimitives.WriteInt32LittleEndian(raw.AsSpan(40), thread.Tgid);
        BinaryPrimitives.WriteInt32LittleEndian(raw.AsSpan(44), thread.Tgid);
        for (int i = 0; i < registers.Values.Count; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(raw.AsSpan(RegistersAt + 8 * i), registers.Values[i]);
        return raw;
    }

    private byte[] PsInfo(TaskStruct task)
    {
        byte[] raw = new byte[PsInfoBytes];
        string state = task.State;
        (int number, char letter) = state switch { "RU" => (0, 'R'), "UN" => (2, 'D'), "ST" => (3, 'T'), "TR" => (4, 't'), "ZO" => (5, 'Z'),
            _ => (1, 'S') };
        raw[0] = (byte)number;
        raw[1] = (byte)letter;
        BinaryPrimitives.WriteUInt64LittleEndian(raw.AsSpan(8), task.Flags);
        if (task.Struct.Follow("cred") is { } credentials)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(raw.AsSpan(16), credentials.U32("uid.val"));
            BinaryPrimitives.WriteUInt32LittleEndian(raw.AsSpan(20), credentials.U32("gid.val"));
        }
        BinaryPrimitives.WriteInt32LittleEndian(raw.AsSpan(24), task.Tgid);
        BinaryPrimitives.WriteInt32LittleEndian(raw.AsSpan(28), task.ParentPid);
        BinaryPrimitives.WriteInt32LittleEndian(raw.AsSpan(32), task.Tgid);
        BinaryPrimitives.WriteInt32LittleEndian(raw.AsSpan(36), task.Tgid);
        Encoding.UTF8.GetBytes(task.Comm).AsSpan()[..Math.Min(15, Encoding.UTF8.GetByteCount(task.Comm))].CopyTo(raw.AsSpan(40));
        string arguments = memory.Mm.Arguments() ?? "";
        byte[] text = Encoding.UTF8.GetBytes(arguments.Length > 0 ? arguments : task.Comm);
        text.AsSpan()[..Math.Min(79, text.Length)].CopyTo(raw.AsSpan(56));
        return raw;
    }

    /// <summary>Content of NT_FILE: count, page size, then start, end and page offset of each mapped file, then their names.</summary>
    private byte[] MappedFiles()
    {
        ProcessArea[] mapped = [.. memory.Areas.Where(a => a.Area.File.Value != 0)];
        MemoryStream numbers = new(), names = new();
        void Word(ulong value)
        {
            byte[] raw = new byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(raw, value);
            numbers.Write(raw);
        }
        Word((ulong)mapped.Length);
        Word((ulong)kernel.PageSize);
        foreach (ProcessArea area in mapped)
        {
            Word(area.Area.Start.Value);
            Word(area.Area.End.Value);
            Word(area.Area.PageOffset);
            names.Write(Encoding.UTF8.GetBytes(area.Name));
            names.WriteByte(0);
        }
        names.Position = 0;
        names.CopyTo(numbers);
        return numbers.ToArray();
    }

    /// <summary>
    /// The legacy part of the floating point registers (fxsave): fpu.fpstate.regs since Linux commit 87d0e5be0fac ("x86/fpu: Provide
    /// struct fpu::fpstate") (v5.16), fpu.state before. Only for a thread that was not running; for a running one they were in the CPU.
    /// </summary>
    private byte[]? Floats(TaskStruct thread)
    {
        if (thread.OnCpu)
            return null;
        try
        {
            StructReader of = thread.Struct;
            // arm64: struct user_fpsimd_state, 32 vectors and two words.
            if (kernel.Machine == "aarch64")
            {
                byte[] vectors = new byte[VectorBytes];
                return of.Has("thread.uw.fpsimd_state") && kernel.Memory.TryRead(of.AddressOf("thread.uw.fpsimd_state"), vectors)
                    ? vectors : null;
            }
            VirtualAddress? at;
            if (of.Has("thread.fpu.fpstate") && of.Follow("thread.fpu.fpstate") is { } state)
                at = state.AddressOf("regs.fxsave");
            else
                at = of.Has("thread.fpu.state.fxsave") ? of.AddressOf("thread.fpu.state.fxsave") : null;
            byte[] raw = new byte[FxsaveBytes];
            return at is { } from && kernel.Memory.TryRead(from, raw) ? raw : null;
        }
        catch (InputException)
        {
            return null;
        }
    }
}
