using System.Buffers.Text;
using Kdump.Formats.Bytes;

namespace Kdump.Sources.Inputs;

/// <summary>
/// Text as mail carries it (RFC 2045, 6.7) and archives of lists hand it out: <c>=3D</c> for an equals sign, a line that was too long
/// cut behind <c>=</c>. A joined line keeps its number: as many empty lines follow as it was cut into.
/// </summary>
public sealed class QuotedPrintable(Stream inner) : ForwardStream
{
    /// <summary>Lines are cut so that none is longer (RFC 2045); the sign of the cut is its last character.</summary>
    private const int Widest = 77, Narrowest = 70;

    private readonly byte[] bytes = new byte[16 * 1024];
    private int used, count, joined, newlines;

    /// <summary>
    /// Whether a text is in this form: nearly every equals sign begins an escape or a cut, and there are some. A log that is not has
    /// equals signs before numbers and names.
    /// </summary>
    public static bool Is(ReadOnlySpan<byte> head)
    {
        int signs = 0, fitting = 0, cuts = 0, longest = 0;
        bool equals = false, twice = false;
        for (int start = 0; start < head.Length;)
        {
            int end = head[start..].IndexOf((byte)'\n');
            // The sample may end in a line.
            if (end < 0)
                break;
            ReadOnlySpan<byte> line = head.Slice(start, end).TrimEnd((byte)'\r');
            start += end + 1;
            longest = Math.Max(longest, line.Length);
            for (int i = line.IndexOf((byte)'='); i >= 0 && i < line.Length;)
            {
                signs++;
                ReadOnlySpan<byte> rest = line[(i + 1)..];
                if (rest.IsEmpty)
                {
                    fitting++;
                    cuts += line.Length is >= Narrowest and <= Widest ? 1 : 0;
                }
                else if (Escape(rest) is { } value)
                {
                    fitting++;
                    twice |= equals && value == '=';
                    equals |= value == '=';
                }
                int next = rest.IndexOf((byte)'=');
                i = next < 0 ? -1 : i + 1 + next;
            }
        }
        return signs >= 2 && fitting * 10 >= signs * 9 && (twice || (cuts >= 3 && longest <= Widest));
    }

    private static byte? Escape(ReadOnlySpan<byte> rest) =>
        rest.Length >= 2 && !IsLower(rest[0]) && !IsLower(rest[1]) &&
        Utf8Parser.TryParse(rest[..2], out byte value, out int taken, 'X') && taken == 2 ? value : null;

    private static bool IsLower(byte b) => b is >= (byte)'a' and <= (byte)'f';

    public override int Read(Span<byte> buffer)
    {
        int n = 0;
        while (n < buffer.Length)
        {
            if (newlines > 0)
            {
                newlines--;
                buffer[n++] = (byte)'\n';
                continue;
            }
            // An escape is at most three bytes, a cut a few blanks more.
            if (count - used < 8 && !Fill() && used == count)
                break;
            byte b = bytes[used++];
            ReadOnlySpan<byte> rest = bytes.AsSpan(used, count - used);
            if (b == '\n')
                (newlines, joined) = (joined, 0);
            else if (b == '=' && Escape(rest) is { } value)
            {
                used += 2;
                b = value;
            }
            else if (b == '=' && Cut(rest) is > 0 and var length)
            {
                used += length;
                joined++;
                continue;
            }
            buffer[n++] = b;
        }
        return n;
    }

    /// <summary>Bytes up to the end of the line where nothing but blanks stands there; 0 otherwise.</summary>
    private static int Cut(ReadOnlySpan<byte> rest)
    {
        int at = rest.IndexOfAnyExcept(" \t\r"u8);
        return at >= 0 && rest[at] == '\n' ? at + 1 : 0;
    }

    private bool Fill()
    {
        bytes.AsSpan(used, count - used).CopyTo(bytes);
        (count, used) = (count - used, 0);
        int before = count;
        while (count < bytes.Length && inner.Read(bytes, count, bytes.Length - count) is > 0 and var n)
            count += n;
        return count > before;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }
}
