using System.Text;
using Kdump.Cli;

// To a terminal line by line; to a file or a pipe in large pieces.
using TextWriter output = Console.IsOutputRedirected
    ? new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 1 << 16) : Console.Out;
int code = Kdt.Run(args, output, Console.Error, Console.OpenStandardInput, Terminal.OfProcess(args));
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
