using System.CommandLine;
using System.Globalization;
using Kdump.Cli.Reports;
using Kdump.Cli.Terminals;

namespace Kdump.Cli.Commands;

/// <summary><c>-o report.html</c>: the answer also as a page; <c>-o -</c> prints the page instead of the answer.</summary>
internal static class PageOption
{
    public static Option<string?> Of() => new("--output", "-o")
    {
        Description = "Also write the report as one HTML page to this file (-: only the page, to standard output)",
        HelpName = "report.html",
    };

    /// <summary>Writes the page that was asked for, if any.</summary>
    /// <returns>True if the page took the place of the answer.</returns>
    public static bool Write(Context context, string? page, Action<StringWriter> write)
    {
        if (page is null)
            return false;
        var html = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        write(html);
        string made = html.ToString();
        // Standard output is redacted as a whole.
        if (page == "-")
            context.Output.Write(made);
        else
            PageFile.Write(page, file => file.Write(context.Names is null ? made : RedactedText.Page(made, context.Names)));
        return page == "-";
    }
}
