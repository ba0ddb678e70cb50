using System.Text;
using Kdump.Probe.Machine;

namespace Kdump.Probe.Screens;

/// <summary>
/// Standard output and standard error, written directly with write(2). Write errors of a console (EIO occurs in crash kernels) are
/// ignored.
/// </summary>
internal static class Output
{
    /// <summary>True if a write to standard output failed.</summary>
    public static bool Lost { get; private set; }

    public static void Write(string text) => All(1, Encoding.UTF8.GetBytes(text));

    public static void Error(string text) => All(2, Encoding.UTF8.GetBytes($"kdump-probe: {text}\n"));

    public static void All(int fd, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int n = Libc.Write(fd, bytes);
            if (n < 0 && Libc.LastError == Libc.EINTR)
                continue;
            // A non-blocking console is full: wait for a limited time.
            if (n < 0 && Libc.LastError == Libc.EAGAIN && Libc.Writable(fd, 2000))
                continue;
            if (n <= 0)
            {
                Lost |= fd == 1;
                return;
            }
            bytes = bytes[n..];
        }
    }
}

/// <summary>Standard output as a stream.</summary>
internal sealed class OutputStream : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Write(byte[] buffer, int offset, int count) => Output.All(1, buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer) => Output.All(1, buffer);

    public override void Flush() { }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
