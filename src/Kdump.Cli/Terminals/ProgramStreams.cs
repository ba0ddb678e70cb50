using System.Text;
using Kdump.Formats.Bytes;

namespace Kdump.Cli.Terminals;

/// <summary>What stands around a program: its streams, the pager, and how it ends.</summary>
internal static class ProgramStreams
{
    /// <param name="raw">Holds files whose names are not UTF-8; what is printed has their names.</param>
    /// <param name="writable">The program is confined (<see cref="Confinement"/>) and writes only into these folders; null: it is
    /// not.</param>
    public static int Run(string[] args, Func<string[], TextWriter, TextWriter, Func<Stream>, Terminal, int> program, RawPaths? raw = null,
        IEnumerable<string>? writable = null)
    {
        Terminal terminal = Terminal.OfProcess(args);
        var bare = new DescriptorStream(Tty.Output);
        StreamWriter error = Standard(new DescriptorStream(Tty.Error), atOnce: true, raw);
        Pager? pager = terminal.Pager is { } command ? new Pager(bare, terminal.Rows, command) : null;
        // To a terminal as it comes; to a file or a pipe in large pieces.
        StreamWriter output = Standard(pager ?? (Stream)bare, atOnce: Tty.Is(Tty.Output), raw);
        if (writable is not null)
            Confinement.Apply(writable);
        int code = program(args, output, error, StandardInput.Open, terminal);
        pager?.End();
        if (code == ExitCode.ReaderLeft)
            Tty.EndByBrokenPipe();
        return code;
    }

    private static StreamWriter Standard(Stream stream, bool atOnce, RawPaths? raw)
    {
        var encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        int size = atOnce ? 256 : 4096;
        return raw is { Any: true } ? new ShownWriter(stream, encoding, size, raw) { AutoFlush = atOnce }
            : new StreamWriter(stream, encoding, size) { AutoFlush = atOnce };
    }

    /// <summary>Names files as they were given in place of the paths by which they were opened.</summary>
    private sealed class ShownWriter(Stream stream, Encoding encoding, int size, RawPaths raw) : StreamWriter(stream, encoding, size)
    {
        public override void Write(string? value) => base.Write(value is null ? null : raw.Shown(value, marked: true));

        public override void WriteLine(string? value) => base.WriteLine(value is null ? null : raw.Shown(value, marked: true));

        public override void Write(ReadOnlySpan<char> buffer) => base.Write(raw.Shown(buffer.ToString(), marked: true).AsSpan());

        public override void WriteLine(ReadOnlySpan<char> buffer) => base.WriteLine(raw.Shown(buffer.ToString(), marked: true).AsSpan());
    }
}
