using System.ComponentModel;
using System.Diagnostics;

namespace Kdump.Cli.Terminals;

/// <summary>
/// Standard output on a terminal: output that fits on one screen is written directly, longer output through a pager, as in git. The
/// pager is KDT_PAGER, else PAGER, else less; <c>cat</c> or an empty value means no pager. If the pager cannot be started, the
/// output goes to the terminal.
/// </summary>
internal sealed class Pager(Stream terminal, int rows) : Stream
{
    private readonly MemoryStream held = new();
    private int lines;
    private Process? process;
    private Stream? through;

    /// <summary>The pager's command line; null for no pager.</summary>
    public static string? Command()
    {
        string command = (Environment.GetEnvironmentVariable("KDT_PAGER") ?? Environment.GetEnvironmentVariable("PAGER") ?? "less").Trim();
        return command is "" or "cat" ? null : command;
    }

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
        if (through is null)
        {
            held.Write(buffer);
            lines += buffer.Count((byte)'\n');
            if (lines < rows)
                return;
            through = Start() ?? terminal;
            buffer = held.GetBuffer().AsSpan(0, (int)held.Length);
        }
        try
        {
            through.Write(buffer);
        }
        catch (IOException) when (process is not null)
        {
            // The user left the pager, so the rest is not needed.
            throw new OutputException("the pager has ended", readerLeft: true);
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <summary>Does nothing: the buffered text is written when it exceeds a screen, or at the end.</summary>
    public override void Flush()
    {
    }

    /// <summary>Writes the buffered text, or waits until the user leaves the pager.</summary>
    public void End()
    {
        if (through is null)
        {
            terminal.Write(held.GetBuffer().AsSpan(0, (int)held.Length));
            return;
        }
        if (process is null)
            return;
        try
        {
            through.Dispose();
        }
        catch (IOException)
        {
            // The pager ended before the end of the text.
        }
        process.WaitForExit();
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private Stream? Start()
    {
        if (Command() is not { } command)
            return null;
        try
        {
            var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, UseShellExecute = false };
            start.ArgumentList.Add("-c");
            start.ArgumentList.Add(command);
            // As git sets it: quit on a short text, keep colours, leave the text on the screen.
            if (Environment.GetEnvironmentVariable("LESS") is null)
                start.Environment["LESS"] = "FRX";
            process = Process.Start(start);
            return process?.StandardInput.BaseStream;
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            return null;
        }
    }
}
