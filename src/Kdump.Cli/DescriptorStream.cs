using System.Runtime.InteropServices;

namespace Kdump.Cli;

/// <summary>
/// Standard output or standard error as the bare descriptor. Console's streams first set up terminal, signal handlers and a thread for them,
/// which takes as long as reading a dump's log; a FileStream would write at places of its own and over what another program appended.
/// What cannot be written is told once, by an <see cref="OutputException"/>; what is written after that goes nowhere.
/// </summary>
internal sealed unsafe partial class DescriptorStream(int descriptor) : Stream
{
    private const int Interrupted = 4, Again = 11, BrokenPipe = 32;

    private bool lost;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0 && !lost)
        {
            nint done;
            fixed (byte* from = buffer)
                done = WriteTo(descriptor, from, (nuint)buffer.Length);
            if (done >= 0)
            {
                buffer = buffer[(int)done..];
                continue;
            }
            int error = Marshal.GetLastPInvokeError();
            if (error == Again)
                Thread.Sleep(1);
            else if (error != Interrupted)
            {
                lost = true;
                throw new OutputException(error == BrokenPipe ? null : Marshal.GetPInvokeErrorMessage(error));
            }
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
        // Nothing is kept back here.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteTo(int descriptor, byte* buffer, nuint count);
}

/// <summary>Standard output or standard error takes nothing more. No IOException: those are of inputs, and are told as such.</summary>
/// <param name="reason">The system's; null when the reader went away (head, less) and nobody is left to tell.</param>
internal sealed class OutputException(string? reason) : Exception(reason ?? "the reader went away")
{
    public bool ReaderWentAway => reason is null;
}
