using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Text;
using Kdump.Formats.Bytes;

namespace Kdump.Cli.Commands;

/// <summary>Opens a path that a user gave for reading as a stream; <c>-</c> is standard input.</summary>
internal static class TextInput
{
    /// <summary>Every line of the stream through every parser.</summary>
    public static void Read(string path, Stream stream, Facts facts, LineParser[] parsers)
    {
        var reader = new CarrierReader(new LineReader(path, stream));
        var all = new LineParsers(parsers);
        while (reader.Next(out TextLine line))
            all.Line(line, facts);
        all.End(facts);
    }

    public static Stream Open(string path, Context context)
    {
        if (path == "-")
            return context.Input();
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new InputException(path, "file", -1, e.Message);
        }
    }
}
