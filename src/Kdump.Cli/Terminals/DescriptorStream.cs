using System.Runtime.InteropServices;

namespace Kdump.Cli.Terminals;

/// <summary>
/// Writes directly to the descriptor of standard output or standard error. Console's streams first set up the terminal, signal
/// handlers and a thread, which takes as long as reading a dump's log; a FileStream would write at its own file position and
/// overwrite what another program appended.
/// </summary>
internal sealed unsafe partial class DescriptorStream(int descriptor) : Stream
{
    private const int Interrupted = 4, Again = 11, BrokenPipe = 32;

    private const int StandardError = 2;

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
        while (buffer.Length > 0)
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
            else if (error != Interrupted && descriptor == StandardError)
                return; // Standard error is closed too: there is nowhere to report this.
            else if (error != Interrupted)
                throw new OutputException(Marshal.GetPInvokeErrorMessage(error), readerLeft: error == BrokenPipe);
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
        // Nothing is buffered here.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteTo(int descriptor, byte* buffer, nuint count);
}
