using System.Text;

namespace Kdump.Cli.Terminals;

/// <summary>What stands around a program: its streams, the pager, and how it ends.</summary>
internal static class ProgramStreams
{
    public static int Run(string[] args, Func<string[], TextWriter, TextWriter, Func<Stream>, Terminal, int> program)
    {
        Terminal terminal = Terminal.OfProcess(args);
        var bare = new DescriptorStream(Tty.Output);
        Pager? pager = terminal.Pager ? new Pager(bare, terminal.Rows) : null;
        // To a terminal as it comes; to a file or a pipe in large pieces.
        StreamWriter output = Standard(pager ?? (Stream)bare, atOnce: Tty.Is(Tty.Output)),
            error = Standard(new DescriptorStream(Tty.Error), atOnce: true);
        int code = program(args, output, error, StandardInput.Open, terminal);
        pager?.End();
        if (code == ExitCode.ReaderLeft)
            Tty.EndByBrokenPipe();
        return code;
    }

    private static StreamWriter Standard(Stream stream, bool atOnce) =>
        new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), atOnce ? 256 : 4096) { AutoFlush = atOnce };
}
