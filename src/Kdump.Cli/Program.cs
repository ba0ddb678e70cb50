using System.Text;
using Kdump.Cli;
using Kdump.Cli.Terminals;

Terminal terminal = Terminal.OfProcess(args);
var bare = new DescriptorStream(Tty.Output);
Pager? pager = terminal.Pager ? new Pager(bare, terminal.Rows) : null;
// To a terminal as it comes; to a file or a pipe in large pieces.
StreamWriter output = Standard(pager ?? (Stream)bare, atOnce: Tty.Is(Tty.Output)),
    error = Standard(new DescriptorStream(Tty.Error), atOnce: true);
int code = Kdt.Run(args, output, error, StandardInput.Open, terminal);
pager?.End();
if (code == ExitCode.ReaderLeft)
    Tty.EndByBrokenPipe();
return code;

static StreamWriter Standard(Stream stream, bool atOnce) =>
    new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), atOnce ? 256 : 4096) { AutoFlush = atOnce };
