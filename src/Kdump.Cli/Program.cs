using System.Text;
using Kdump.Cli;
using Kdump.Cli.Terminals;

// To a terminal as it comes; to a file or a pipe in large pieces.
StreamWriter output = Standard(1, atOnce: !Console.IsOutputRedirected), error = Standard(2, atOnce: true);
return Kdt.Run(args, output, error, StandardInput.Open, Terminal.OfProcess(args));

static StreamWriter Standard(int descriptor, bool atOnce) =>
    new(new DescriptorStream(descriptor), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), atOnce ? 256
        : 4096) { AutoFlush = atOnce };
