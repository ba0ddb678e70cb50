using System.ComponentModel;
using System.Diagnostics;

namespace Kdump.Cli.Terminals;

/// <summary>
/// Standard output on a terminal: output that fits on one screen is written directly, longer output through a pager, as in git. The
/// pager is KDT_PAGER, else PAGER, else less if there is one; <c>cat</c> or an empty value means no pager. If the pager cannot be
/// started, the output goes to the terminal.
/// </summary>
internal sealed class Pager(Stream terminal, int rows, string command) : Stream
{
    /// <summary>What is kept of the text until it is certain that the pager runs: more than a pipe holds without a reader.</summary>
    private const int MaxHeld = 4 << 20;

    /// <summary>sh(1): the command was not found, or cannot be executed.</summary>
    private const int NotExecutable = 126, NotFound = 127;

    private readonly MemoryStream held = new();
    private int lines;
    private bool whole = true;
    private readonly EarlyThread starter = new();
    private Process? process;
    private Stream? through;

    /// <summary>The pager's command line; null for no pager.</summary>
    public static string? Command(Func<string, string?> value)
    {
        if ((value("KDT_PAGER") ?? value("PAGER")) is { } wanted)
            return wanted.Trim() is "" or "cat" ? null : wanted.Trim();
        // Nobody asked for it, and a container may not have it.
        return (value("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "less"))) ? "less" : null;
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
        else if (process is not null && (whole &= held.Length + buffer.Length <= MaxHeld))
            held.Write(buffer);
        try
        {
            through.Write(buffer);
        }
        catch (IOException) when (process is not null)
        {
            if (!FellBack())
            {
                // The user left the pager, so the rest is not needed.
                throw new OutputException("the pager has ended", readerLeft: true);
            }
        }
    }

    /// <summary>
    /// True if the shell could not run the pager, which it said on standard error: then all of the text so far is on the terminal, and
    /// the rest follows.
    /// </summary>
    private bool FellBack()
    {
        process!.WaitForExit();
        if (process.ExitCode is not (NotFound or NotExecutable) || !whole)
            return false;
        process = null;
        through = terminal;
        terminal.Write(held.GetBuffer().AsSpan(0, (int)held.Length));
        return true;
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
        FellBack();
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>
    /// What less is told, unless the user tells it: as git does it to quit on a short text, keep colours and leave the text on the screen;
    /// as systemd does it that the text is UTF-8, because less asks the locale, which a server often does not have installed.
    /// </summary>
    public static void Prepare(ProcessStartInfo start)
    {
        foreach ((string name, string value) in new[] { ("LESS", "FRX"), ("LESSCHARSET", "utf-8") })
        {
            if (Environment.GetEnvironmentVariable(name) is null)
                start.Environment[name] = value;
        }
    }

    private Stream? Start()
    {
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, UseShellExecute = false };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(command);
        Prepare(start);
        starter.Run(() =>
        {
            try
            {
                process = Process.Start(start);
            }
            catch (Exception e) when (e is Win32Exception or IOException)
            {
                process = null;
            }
        });
        return process?.StandardInput.BaseStream;
    }
}
