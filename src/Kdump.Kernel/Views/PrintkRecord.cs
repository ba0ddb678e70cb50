using System.Buffers;
using System.Text;

namespace Kdump.Kernel.Views;

/// <summary>One record of the kernel log, kernel/printk/printk_ringbuffer.h struct printk_info with its text.</summary>
/// <param name="CallerId">Thread id, or CPU number with bit 31 set; null where the kernel does not keep it.</param>
/// <param name="Device">What dev_printk added: <c>subsystem device</c>, or null.</param>
public sealed record PrintkRecord(ulong Sequence, ulong Nanoseconds, int Facility, int Level, uint? CallerId, string? Device,
    ReadOnlyMemory<byte> Bytes)
{
    private const uint ThisIsACpu = 0x8000_0000;
    private const int CallerWidth = 8;

    public string Text => Encoding.UTF8.GetString(Bytes.Span);

    /// <summary>
    /// The lines that dmesg and makedumpfile --dump-dmesg print: time stamp, text with its further lines indented, what is not printable as
    /// \xNN.
    /// (makedumpfile prints bytes of 0x80 and more as \xffffffNN on x86, from a signed char: we print \xNN.)
    /// </summary>
    /// <param name="caller">
    /// With the column of who wrote it behind the time (<c>[      T1]</c>, <c>[      C0]</c>), as makedumpfile 1.7.8 and newer print it
    /// where the kernel keeps it (CONFIG_PRINTK_CALLER).
    /// </param>
    public void Print(IBufferWriter<byte> output, bool caller = false)
    {
        Span<byte> prefix = stackalloc byte[64];
        Print(output, prefix[..Prefix(prefix, caller)]);
    }

    /// <summary>The same lines with another text before the first; further ones are indented by as much.</summary>
    public void Print(IBufferWriter<byte> output, ReadOnlySpan<byte> prefix)
    {
        output.Write(prefix);
        ReadOnlySpan<byte> text = Bytes.Span;
        while (text.Length > 0)
        {
            int odd = text.IndexOfAnyExceptInRange((byte)' ', (byte)'~');
            output.Write(odd < 0 ? text : text[..odd]);
            if (odd < 0)
                break;
            byte b = text[odd];
            if (b == '\n')
            {
                output.Write("\n"u8);
                Span<byte> blanks = output.GetSpan(prefix.Length)[..prefix.Length];
                blanks.Fill((byte)' ');
                output.Advance(prefix.Length);
            }
            else if (b is >= 9 and <= 13)
            {
                output.Write([b]);
            }
            else
            {
                output.Write([(byte)'\\', (byte)'x', Hex(b >> 4), Hex(b & 15)]);
            }
            text = text[(odd + 1)..];
        }
        output.Write("\n"u8);
    }

    private int Prefix(Span<byte> to, bool caller)
    {
        ulong seconds = Nanoseconds / 1_000_000_000, micro = Nanoseconds % 1_000_000_000 / 1000;
        int n = 0;
        to[n++] = (byte)'[';
        Span<byte> digits = stackalloc byte[20];
        seconds.TryFormat(digits, out int length);
        for (int pad = length; pad < 5; pad++)
            to[n++] = (byte)' ';
        digits[..length].CopyTo(to[n..]);
        n += length;
        to[n++] = (byte)'.';
        micro.TryFormat(to[n..], out int written, "D6");
        n += written;
        to[n++] = (byte)']';
        to[n++] = (byte)' ';
        if (caller && CallerId is { } id)
        {
            (id & ~ThisIsACpu).TryFormat(digits, out length);
            to[n++] = (byte)'[';
            for (int pad = length + 1; pad < CallerWidth; pad++)
                to[n++] = (byte)' ';
            to[n++] = (byte)((id & ThisIsACpu) != 0 ? 'C' : 'T');
            digits[..length].CopyTo(to[n..]);
            n += length;
            to[n++] = (byte)']';
            to[n++] = (byte)' ';
        }
        return n;
    }

    private static byte Hex(int digit) => (byte)(digit < 10 ? '0' + digit : 'a' + digit - 10);
}
