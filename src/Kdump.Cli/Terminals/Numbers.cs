using System.CommandLine;
using System.Globalization;

namespace Kdump.Cli.Terminals;

/// <summary>Options that take a number: what is none is refused in words, with the range that is allowed.</summary>
internal static class Numbers
{
    public static Option<int?> Whole(string name, string what, int least = 0, int most = int.MaxValue) => Option<int?>(name, what,
        text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int n) && n >= least && n <= most ? n : null,
        most == int.MaxValue ? $"a number of {least} or more" : $"a number from {least} to {most}");

    /// <summary>A number above 0, with decimals.</summary>
    public static Option<double?> Positive(string name, string what) => Option<double?>(name, what,
        text => double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double n) && n > 0
            && double.IsFinite(n) ? n : null, "a number above 0");

    private static Option<T> Option<T>(string name, string what, Func<string, T> read, string wanted) => new(name)
    {
        Description = what,
        HelpName = "N",
        CustomParser = result =>
        {
            string text = result.Tokens is [var only] ? only.Value : "";
            T value = read(text);
            if (value is null)
                result.AddError($"{name}: '{Diagnosis.Model.Printable.Escape(text)}' is not {wanted}");
            return value;
        },
    };
}
