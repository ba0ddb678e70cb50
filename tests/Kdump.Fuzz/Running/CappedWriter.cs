using System.Text;

namespace Kdump.Fuzz.Running;

/// <summary>Looks for faults of ours in what a command prints, keeps the last of it, and stops it at a limit.</summary>
internal sealed class CappedWriter : TextWriter
{
    public const long Limit = 64 << 20;

    private readonly char[] held = new char[16 << 10];
    private int count;

    public override Encoding Encoding => Encoding.UTF8;

    public long Written { get; private set; }

    public string? Fault { get; private set; }

    public override void Write(char value) => Write([value]);

    public override void Write(string? value) => Write(value.AsSpan());

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override void Write(ReadOnlySpan<char> buffer)
    {
        Written += buffer.Length;
        if (Written > Limit)
            throw new IOException("more output than anybody reads");
        while (buffer.Length > 0)
        {
            int n = Math.Min(buffer.Length, held.Length - count);
            buffer[..n].CopyTo(held.AsSpan(count));
            count += n;
            buffer = buffer[n..];
            if (count == held.Length)
                Look();
        }
    }

    /// <summary>Searches what is held; its end stays, since a text may go on behind it.</summary>
    public void Look()
    {
        Fault ??= Finding.FaultIn(held.AsSpan(0, count));
        int stays = Math.Min(count, 600);
        held.AsSpan(count - stays, stays).CopyTo(held);
        count = stays;
    }
}
