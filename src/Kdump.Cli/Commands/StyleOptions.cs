using System.CommandLine;
using Kdump.Cli.Terminals;
using Kdump.Cli.Reports.VmcoreViews;

namespace Kdump.Cli.Commands;

/// <summary>The options for the format of objects.</summary>
internal sealed class StyleOptions
{
    private readonly Option<bool> hexadecimal = new("-x") { Description = "Print numbers in hexadecimal" };
    private readonly Option<bool> @decimal = new("-d") { Description = "Print numbers in decimal" };
    private readonly Option<int?> depth = Numbers.Whole("--depth", "Levels of nested structs to print", 0, 64);
    private readonly Option<bool> flat = new("--flat") { Description = "Print one line per value, with its path" };
    private readonly Option<int?> limit = Numbers.Whole("--limit", "Maximum number of elements of an array or list", 1, 10_000_000);

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[hexadecimal, @decimal, depth, flat, limit])
            command.Options.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetValue(hexadecimal) && result.GetValue(@decimal))
                result.AddError("-x and -d exclude each other.");
        });
    }

    /// <summary>True if one of the options was given.</summary>
    public bool Given(ParseResult parsed) =>
        Array.Exists([hexadecimal, @decimal, depth, flat, limit], (Option o) => parsed.GetResult(o) is { Implicit: false });

    /// <param name="radix">Used if neither -x nor -d is given.</param>
    public ObjectStyle Of(ParseResult parsed, int? radix = null)
    {
        ObjectStyle usual = new();
        int? wanted;
        if (parsed.GetValue(hexadecimal))
            wanted = 16;
        else
            wanted = parsed.GetValue(@decimal) ? 10 : radix;
        return usual with
        {
            Radix = wanted,
            Depth = parsed.GetValue(depth) ?? usual.Depth,
            Flat = parsed.GetValue(flat),
            Most = parsed.GetValue(limit),
        };
    }
}
