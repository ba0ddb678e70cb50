using System.Text;
using Kdump.Diagnosis.Reports;

namespace Kdump.Cli.Terminals;

/// <summary>Standard error in the user's language: each message behind <c>kdt: </c>, which stays; what has no translation, too.</summary>
internal sealed class TranslatedErrors(TextWriter error, Words words) : TextWriter(System.Globalization.CultureInfo.InvariantCulture)
{
    private const string Program = "kdt: ";

    public override Encoding Encoding => error.Encoding;

    /// <summary>What is written without an end of line is a progress bar.</summary>
    public override void Write(char value) => error.Write(value);

    public override void Write(string? value) => error.Write(value);

    public override void WriteLine(string? value)
    {
        string text = value ?? "", begin = text.StartsWith(Program, StringComparison.Ordinal) ? Program : "";
        // Words of a path or a message begin behind blanks in lists.
        int blanks = text.Length - text.AsSpan(begin.Length).TrimStart().Length;
        error.WriteLine(string.Concat(text.AsSpan(0, blanks), words.Of(text[blanks..])));
    }

    public override void Flush() => error.Flush();
}
