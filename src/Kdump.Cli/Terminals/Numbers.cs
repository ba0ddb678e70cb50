using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Kdump.Diagnosis.Model;

namespace Kdump.Cli.Terminals;

/// <summary>Options that take a number: anything else is refused with a message that names the allowed range.</summary>
internal static class Numbers
{
    public static Option<int?> Whole(string name, string what, int least = 0, int most = int.MaxValue) => new(name)
    {
        Description = what,
        HelpName = "N",
        CustomParser = result => ReadWhole(result, name, least, most),
    };

    /// <summary>A required option with a number of 0 or more.</summary>
    public static Option<int> Needed(string name, string what) => new(name)
    {
        Description = what,
        HelpName = "N",
        Required = true,
        CustomParser = result => ReadWhole(result, name, 0, int.MaxValue) ?? 0,
    };

    /// <summary>A number above 0, with decimals.</summary>
    public static Option<double?> Positive(string name, string what) => new(name)
    {
        Description = what,
        HelpName = "N",
        CustomParser = result => double.TryParse(TextOf(result), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double n)
            && n > 0 && double.IsFinite(n) ? n : Refuse<double>(result, name, "a number above 0"),
    };

    private static int? ReadWhole(ArgumentResult result, string name, int least, int most) =>
        int.TryParse(TextOf(result), NumberStyles.None, CultureInfo.InvariantCulture, out int n) && n >= least && n <= most ? n
            : Refuse<int>(result, name, most == int.MaxValue ? $"a number of {least} or more" : $"a number from {least} to {most}");

    private static string TextOf(ArgumentResult result) => result.Tokens is [var only] ? only.Value : "";

    private static T? Refuse<T>(ArgumentResult result, string name, string wanted)
        where T : struct
    {
        result.AddError($"{name}: '{Printable.Escape(TextOf(result))}' is not {wanted}");
        return null;
    }
}
