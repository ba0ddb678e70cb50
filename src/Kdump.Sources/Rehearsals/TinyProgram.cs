using System.Buffers.Binary;
using System.Text;

namespace Kdump.Sources.Rehearsals;

/// <summary>
/// Builds a static x86-64 Linux program of system calls only: a rehearsal needs one as /init and cannot ask its user to install
/// one. An argument is a number, a text (its address), or the result of an earlier call in a slot. Layout: one segment, code and
/// then texts (elf(5)).
/// </summary>
public sealed class TinyProgram
{
    private const long Base = 0x400000;
    private const int HeaderBytes = 64 + 56;

    private readonly List<byte> code = [];
    private readonly List<(int At, string Text)> texts = [];
    private readonly List<(int At, string[] Texts)> lists = [];
    private readonly List<(int At, string Label)> jumps = [];
    private readonly List<int> buffers = [];
    private readonly Dictionary<string, int> labels = [];

    /// <summary>An argument of a system call.</summary>
    public readonly record struct Argument(long Number, string? Text, int Slot)
    {
        public static implicit operator Argument(long number) => new(number, null, -1);

        public static implicit operator Argument(string text) => new(0, text, -1);

        /// <summary>The address of a list of texts that ends with a null, as execve expects it.</summary>
        public static implicit operator Argument(string[] list) => new(0, null, -1) { List = list };

        public string[]? List { get; private init; }

        public bool IsBuffer { get; init; }
    }

    /// <summary>The result that <see cref="Keep"/> put into a slot, 0 to 3.</summary>
    public static Argument Kept(int slot) => new(0, null, slot);

    /// <summary>The address of a buffer of <see cref="BufferBytes"/> bytes.</summary>
    public static Argument Buffer => new(0, null, -1) { IsBuffer = true };

    public const int BufferBytes = 2048;

    /// <summary>Registers of arguments: rdi, rsi, rdx, r10, r8, r9 (syscall(2)).</summary>
    public TinyProgram Call(int number, params ReadOnlySpan<Argument> arguments)
    {
        // movabs REG, imm64 or mov REG, r12..r15
        ReadOnlySpan<byte> rex = [0x48, 0x48, 0x48, 0x49, 0x49, 0x49], opcode = [0xbf, 0xbe, 0xba, 0xba, 0xb8, 0xb9];
        ReadOnlySpan<byte> move = [0xe7, 0xe6, 0xe2, 0xe2, 0xe0, 0xe1];
        for (int i = 0; i < arguments.Length; i++)
        {
            Argument a = arguments[i];
            if (a.Slot >= 0)
            {
                // mov r/m64, r64 with REX.R for r12..r15 and REX.B for r8..r10
                code.AddRange([(byte)(i < 3 ? 0x4c : 0x4d), 0x89, (byte)(move[i] + (a.Slot << 3))]);
                continue;
            }
            code.AddRange([rex[i], opcode[i]]);
            if (a.Text is not null)
                texts.Add((code.Count, a.Text));
            if (a.List is not null)
                lists.Add((code.Count, a.List));
            if (a.IsBuffer)
                buffers.Add(code.Count);
            Immediate(a.Number);
        }
        code.AddRange([0x48, 0xb8]);
        Immediate(number);
        code.AddRange([0x0f, 0x05]);
        return this;
    }

    /// <summary>Keeps the last result: mov r12..r15, rax.</summary>
    public TinyProgram Keep(int slot)
    {
        code.AddRange([0x49, 0x89, (byte)(0xc4 + slot)]);
        return this;
    }

    /// <summary>
    /// Keeps the arguments and the environment that the kernel passed (only at the start of the program), under another name:
    /// argv[0] becomes the text. movabs rax, text; mov [rsp+8], rax; lea REG, [rsp+8]; mov rax, [rsp]; lea REG, [rsp+rax*8+16].
    /// </summary>
    public TinyProgram KeepArguments(int arguments, int environment, string name)
    {
        code.AddRange([0x48, 0xb8]);
        texts.Add((code.Count, name));
        Immediate(0);
        code.AddRange([0x48, 0x89, 0x44, 0x24, 0x08]);
        code.AddRange([0x4c, 0x8d, (byte)(0x64 + (arguments << 3)), 0x24, 0x08]);
        code.AddRange([0x48, 0x8b, 0x04, 0x24]);
        code.AddRange([0x4c, 0x8d, (byte)(0x64 + (environment << 3)), 0xc4, 0x10]);
        return this;
    }

    /// <summary>
    /// Writes the buffer to an I/O port, as many bytes as a slot says: movabs rsi, buffer; mov rcx, REG; mov dx, port; rep outsb.
    /// </summary>
    public TinyProgram Out(ushort port, int lengthSlot)
    {
        code.AddRange([0x48, 0xbe]);
        buffers.Add(code.Count);
        Immediate(0);
        code.AddRange([0x4c, 0x89, (byte)(0xe1 + (lengthSlot << 3)), 0x66, 0xba, (byte)port, (byte)(port >> 8), 0xf3, 0x6e]);
        return this;
    }

    /// <summary>Goes to a label when the last result is negative: test rax, rax; js.</summary>
    public TinyProgram IfFailed(string label) => Jump([0x48, 0x85, 0xc0, 0x0f, 0x88], label);

    /// <summary>Goes to a label when the last result is zero: test rax, rax; jz.</summary>
    public TinyProgram IfZero(string label) => Jump([0x48, 0x85, 0xc0, 0x0f, 0x84], label);

    public TinyProgram Go(string label) => Jump([0xe9], label);

    public TinyProgram Label(string name)
    {
        labels[name] = code.Count;
        return this;
    }

    /// <summary>write(1, text).</summary>
    public TinyProgram Say(string text) => Call(1, 1L, text, (long)Encoding.UTF8.GetByteCount(text));

    /// <summary>The finished program as an ELF file.</summary>
    public byte[] ToElf()
    {
        byte[] body = [.. code];
        foreach ((int at, string label) in jumps)
            BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(at), labels[label] - (at + 4));
        var data = new List<byte>();
        foreach ((int at, string text) in texts)
            BinaryPrimitives.WriteInt64LittleEndian(body.AsSpan(at), Append(text));
        foreach ((int at, string[] list) in lists)
        {
            long[] addresses = [.. list.Select(Append), 0];
            BinaryPrimitives.WriteInt64LittleEndian(body.AsSpan(at), Base + HeaderBytes + body.Length + data.Count);
            byte[] pointer = new byte[8];
            foreach (long address in addresses)
            {
                BinaryPrimitives.WriteInt64LittleEndian(pointer, address);
                data.AddRange(pointer);
            }
        }
        foreach (int at in buffers)
            BinaryPrimitives.WriteInt64LittleEndian(body.AsSpan(at), Base + HeaderBytes + body.Length + data.Count);
        byte[] file = new byte[HeaderBytes + body.Length + data.Count];
        Span<byte> h = file;
        new byte[] { 0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1 }.CopyTo(h);
        BinaryPrimitives.WriteInt16LittleEndian(h[16..], 2);                    // ET_EXEC
        BinaryPrimitives.WriteInt16LittleEndian(h[18..], 62);                   // EM_X86_64
        BinaryPrimitives.WriteInt32LittleEndian(h[20..], 1);
        BinaryPrimitives.WriteInt64LittleEndian(h[24..], Base + HeaderBytes);   // e_entry
        BinaryPrimitives.WriteInt64LittleEndian(h[32..], 64);                   // e_phoff
        BinaryPrimitives.WriteInt16LittleEndian(h[52..], 64);
        BinaryPrimitives.WriteInt16LittleEndian(h[54..], 56);
        BinaryPrimitives.WriteInt16LittleEndian(h[56..], 1);
        Span<byte> p = h[64..];
        BinaryPrimitives.WriteInt32LittleEndian(p, 1);                          // PT_LOAD
        BinaryPrimitives.WriteInt32LittleEndian(p[4..], 7);                     // readable, writable, executable
        BinaryPrimitives.WriteInt64LittleEndian(p[16..], Base);
        BinaryPrimitives.WriteInt64LittleEndian(p[24..], Base);
        BinaryPrimitives.WriteInt64LittleEndian(p[32..], file.Length);
        BinaryPrimitives.WriteInt64LittleEndian(p[40..], file.Length + 4096);
        BinaryPrimitives.WriteInt64LittleEndian(p[48..], 4096);
        body.CopyTo(file.AsSpan(HeaderBytes));
        data.CopyTo(file, HeaderBytes + body.Length);
        return file;

        long Append(string text)
        {
            long address = Base + HeaderBytes + body.Length + data.Count;
            data.AddRange(Encoding.UTF8.GetBytes(text));
            data.Add(0);
            return address;
        }
    }

    private TinyProgram Jump(byte[] instruction, string label)
    {
        code.AddRange(instruction);
        jumps.Add((code.Count, label));
        code.AddRange([0, 0, 0, 0]);
        return this;
    }

    private void Immediate(long value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        code.AddRange(bytes);
    }
}
