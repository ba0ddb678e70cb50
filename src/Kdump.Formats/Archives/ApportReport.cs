using System.Buffers.Text;
using System.Text;
using Kdump.Formats.Bytes;

namespace Kdump.Formats.Archives;

/// <summary>
/// A crash report of apport (Ubuntu's <c>/var/crash/*.crash</c>; problem_report.py): fields in the form of mail headers, whose values
/// continue on lines that begin with a space. The value <c>base64</c> marks a file: gzip or zstd data that follows in base64, each line
/// encoded separately.
/// </summary>
public sealed class ApportReport(Stream stream)
{
    /// <summary>Maximum length of a field's name, in bytes.</summary>
    private const int MaxName = 256;

    private static ReadOnlySpan<byte> First => "ProblemType: "u8;

    private readonly byte[] buffer = new byte[64 << 10];
    private int at, filled;
    private bool inField;

    /// <summary>The value of the field that <see cref="Next"/> returned last: text, or the packed bytes of a file.</summary>
    public Stream Content { get; private set; } = Stream.Null;

    public static bool Begins(ReadOnlySpan<byte> head) => head.StartsWith(First);

    /// <summary>The name of the next field; null at the end of the report.</summary>
    /// <exception cref="InvalidDataException">There is no field at the current position.</exception>
    public string? Next()
    {
        while (inField)
        {
            PassLine();
            inField = Peek() == ' ';
        }
        if (Peek() < 0)
            return null;
        string name = Until(':');
        if (Peek() == ' ')
            at++;
        bool file = StartsWith("base64"u8);
        if (file)
        {
            PassLine();
            inField = Peek() == ' ';
            if (inField)
                at++;
        }
        else
            inField = true;
        Content = file ? new Packed(this) : new Text(this);
        return name;
    }

    private string Until(char end)
    {
        var name = new StringBuilder();
        for (int c = Take(); c != end; c = Take())
        {
            if (c < ' ' || name.Length == MaxName)
                throw new InvalidDataException("a line of the report is no field");
            name.Append((char)c);
        }
        return name.ToString();
    }

    private bool StartsWith(ReadOnlySpan<byte> word)
    {
        while (filled - at <= word.Length && Fill()) { }
        ReadOnlySpan<byte> held = buffer.AsSpan(at, filled - at);
        return held.StartsWith(word) && (held.Length == word.Length || held[word.Length] is (byte)'\n' or (byte)' ' or (byte)'\r');
    }

    /// <summary>Skips to the end of this line, including its newline.</summary>
    private void PassLine()
    {
        for (;;)
        {
            int end = buffer.AsSpan(at, filled - at).IndexOf((byte)'\n');
            at = end < 0 ? filled : at + end + 1;
            if (end >= 0 || !Fill())
                return;
        }
    }

    private int Peek() => at < filled || Fill() ? buffer[at] : -1;

    private int Take() => at < filled || Fill() ? buffer[at++] : -1;

    private bool Fill()
    {
        buffer.AsSpan(at, filled - at).CopyTo(buffer);
        filled -= at;
        at = 0;
        int n = stream.Read(buffer, filled, buffer.Length - filled);
        filled += n;
        return n > 0;
    }

    /// <summary>Reads the next bytes of the field's continuation lines, without the space before each; 0 after the last line.</summary>
    private int Lines(Span<byte> to)
    {
        int done = 0;
        while (done < to.Length && inField && Take() is >= 0 and var c)
        {
            to[done++] = (byte)c;
            if (c != '\n')
                continue;
            inField = Peek() == ' ';
            if (inField)
                at++;
        }
        inField &= Peek() >= 0;
        return done;
    }

    private sealed class Text(ApportReport report) : ForwardStream
    {
        public override int Read(Span<byte> to) => report.Lines(to);
    }

    private sealed class Packed(ApportReport report) : ForwardStream
    {
        private readonly byte[] four = new byte[4], decoded = new byte[3];
        private int count, given;

        public override int Read(Span<byte> to)
        {
            int done = 0;
            while (done < to.Length)
            {
                if (given < count)
                {
                    to[done++] = decoded[given++];
                    continue;
                }
                if (!Group())
                    break;
            }
            return done;
        }

        /// <summary>Reads four base64 characters; newlines between them are skipped.</summary>
        private bool Group()
        {
            int held = 0;
            Span<byte> one = stackalloc byte[1];
            while (held < 4 && report.Lines(one) == 1)
            {
                if (one[0] is not ((byte)'\n' or (byte)'\r'))
                    four[held++] = one[0];
            }
            if (held == 0)
                return false;
            if (held < 4 || Base64.DecodeFromUtf8(four, decoded, out _, out count) != System.Buffers.OperationStatus.Done)
                throw new InvalidDataException("a file in the report is cut or damaged");
            given = 0;
            return true;
        }
    }
}
