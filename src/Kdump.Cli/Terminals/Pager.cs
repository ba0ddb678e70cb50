using System.ComponentModel;
using System.Diagnostics;

namespace Kdump.Cli.Terminals;

/// <summary>
/// Standard output on a terminal: what fits one screen goes there as it is, longer output through a pager, as git does it. KDT_PAGER, then
/// PAGER, then less; <c>cat</c> or nothing means none. A pager that cannot be started costs nothing: the output goes to the terminal.
/// </summary>
internal sealed class Pager(Stream terminal, int rows) : Stream
{
    private readonly MemoryStream held = new();
    private int lines;
    private Process? process;
    private Stream? through;

    /// <summary>The pager's command line; null where none is wanted.</summary>
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
            // The reader left the pager: the rest is not wanted.
            throw new OutputException("the pager has ended", readerLeft: true);
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <summary>Nothing: what is held back is written when it is more than a screen, or at the end.</summary>
    public override void Flush()
    {
    }

    /// <summary>Writes what was held back, or waits until the reader leaves the pager.</summary>
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
            // It left before the end.
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
