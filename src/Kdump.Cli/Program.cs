using System.Text;
using Kdump.Cli;

// To a terminal as it comes; to a file or a pipe in large pieces.
using StreamWriter output = Standard(1, atOnce: !Console.IsOutputRedirected), error = Standard(2, atOnce: true);
int code = Kdt.Run(args, output, error, Console.OpenStandardInput, Terminal.OfProcess(args));
try
{
    output.Flush();
}
catch (IOException)
{
    // The reader went away (head, less): nobody is left to tell.
    code = Kdt.Failed;
}
return code;

static StreamWriter Standard(int descriptor, bool atOnce) =>
    new(new DescriptorStream(descriptor), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), atOnce ? 256 : 4096) { AutoFlush = atOnce };
