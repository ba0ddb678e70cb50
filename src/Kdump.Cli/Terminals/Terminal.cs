using Kdump.Cli.Languages;
using Kdump.Diagnosis.Reports;
using Kdump.Formats.Bytes;

namespace Kdump.Cli.Terminals;

/// <summary>Properties of the terminal that the output goes to.</summary>
/// <param name="Width">Columns.</param>
public sealed record Terminal(bool Colour, bool Progress, int Width)
{
    /// <summary>Standard input and standard output are terminals.</summary>
    public bool Interactive { get; init; }

    /// <summary>Standard input is a pipe or a regular file, so somebody may have meant it to be read.</summary>
    public bool Fed { get; init; }

    public static readonly Terminal Plain = new(Colour: false, Progress: false, Width: 100);

    /// <summary>Rows of a screen.</summary>
    public int Rows { get; init; } = 24;

    /// <summary>Actual number of columns; <see cref="Width"/> is the limit at which sentences are wrapped.</summary>
    public int Columns { get; init; } = 100;

    /// <summary>The answer should fit on one screen. False if the output goes to a file or a pipe.</summary>
    public bool Screen { get; init; }

    /// <summary>The command line of the pager for output that is longer than a screen; null for none.</summary>
    public string? Pager { get; init; }

    /// <summary>The language of texts for people.</summary>
    public Words Words { get; init; } = Words.English;

    /// <summary>The language of texts in JSON and other data: English unless another one was asked for on the command line.</summary>
    public Words DataWords { get; init; } = Words.English;

    /// <summary>
    /// Colour on a terminal unless NO_COLOR is set (no-color.org) or CLICOLOR=0; FORCE_COLOR and CLICOLOR_FORCE
    /// (bixense.com/clicolors) enable it without a terminal, and FORCE_COLOR=0 disables it; <c>--color</c> overrides all of them.
    /// </summary>
    internal static bool ColourBy(Func<string, string?> value, bool tty)
    {
        if (value("NO_COLOR") is { Length: > 0 } || Off(value("FORCE_COLOR")))
            return false;
        if (value("FORCE_COLOR") is { Length: > 0 } || (value("CLICOLOR_FORCE") is { Length: > 0 } forced && !Off(forced)))
            return true;
        return tty && value("TERM") != "dumb" && !Off(value("CLICOLOR"));

        static bool Off(string? word) => word is "0" || "false".Equals(word, StringComparison.OrdinalIgnoreCase);
    }

    public static Terminal OfProcess(string[] args)
    {
        bool tty = Tty.Is(Tty.Output);
        bool colour = ColourBy(Value, tty);
        string? choice = ChoiceIn(args);
        if (choice is "always" or "never")
            colour = choice == "always";
        (int columns, int rows) = Tty.Size(Tty.Output) ?? (100, 24);
        return new(colour, Progress: Tty.Is(Tty.Error), tty ? Math.Clamp(columns, 20, 120) : 100)
        {
            Interactive = tty && Tty.Is(Tty.Input),
            Fed = FileKind.IsFifo(Tty.InputPath) || FileKind.IsRegular(Tty.InputPath),
            // A serial line may report neither rows nor columns.
            Rows = rows > 1 ? rows : 24,
            Columns = Math.Max(columns, 1),
            Screen = tty,
            Words = LanguageChoice.OfEnvironment(Value),
            // The shell is interactive, so it uses no pager.
            Pager = tty && Value("TERM") != "dumb" && !args.Contains("--no-pager") && args is not ["vmcore", "shell", ..]
                ? Terminals.Pager.Command(Value) : null,
        };
    }

    private static string? Value(string variable) => Environment.GetEnvironmentVariable(variable);

    private static string? ChoiceIn(string[] args)
    {
        for (int i = 0; i < args.Length; i++)
        {
            if (args[i].StartsWith("--color=", StringComparison.Ordinal))
                return args[i]["--color=".Length..];
            if (args[i] == "--color" && i + 1 < args.Length)
                return args[i + 1];
        }
        return null;
    }
}
