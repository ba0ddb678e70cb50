using System.Text;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Text;

namespace Kdump.Tests.Evidence;

/// <summary>Text through a parser, as a file would go.</summary>
internal static class Read
{
    public static Facts With(LineParser parser, string text, string name = "input")
    {
        var facts = new Facts();
        var lines = new LineReader(name, new MemoryStream(Encoding.UTF8.GetBytes(text)));
        while (lines.Next(out TextLine line))
            parser.Line(line, facts);
        parser.End(facts);
        return facts;
    }
}
