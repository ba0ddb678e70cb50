namespace Kdump.Cli.Terminals;

/// <summary>What the output may look like.</summary>
/// <param name="Width">Columns.</param>
public sealed record Terminal(bool Colour, bool Progress, int Width)
{
    /// <summary>Somebody sits at both ends.</summary>
    public bool Interactive { get; init; }

    public static readonly Terminal Plain = new(Colour: false, Progress: false, Width: 100);

    /// <summary>Colour on a terminal unless NO_COLOR is set (no-color.org); <c>--color</c> decides over both.</summary>
    public static Terminal OfProcess(string[] args)
    {
        bool tty = !Console.IsOutputRedirected;
        bool colour = tty && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) &&
            Environment.GetEnvironmentVariable("TERM") != "dumb";
        string? choice = ChoiceIn(args);
        if (choice is "always" or "never")
            colour = choice == "always";
        int width = 100;
        try
        {
            if (tty)
                width = Math.Clamp(Console.WindowWidth, 40, 120);
        }
        catch (IOException)
        {
            // A terminal that does not tell its width: keep the default.
        }
        return new(colour, Progress: !Console.IsErrorRedirected, width) { Interactive = tty && !Console.IsInputRedirected };
    }

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
