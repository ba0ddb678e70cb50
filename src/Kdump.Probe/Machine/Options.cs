namespace Kdump.Probe.Machine;

/// <summary>The parsed command line.</summary>
internal sealed class Options
{
    public string Command { get; private set; } = "";

    public List<string> Operands { get; } = [];

    public string Root { get; private set; } = "/";

    public bool Json { get; private set; }

    public bool Hook { get; private set; }

    public bool Yes { get; private set; }

    public bool? Kmsg { get; private set; }

    /// <summary>Print the peak memory use of the probe at the end, for measurements.</summary>
    public bool Peak { get; private set; }

    public bool Help { get; private set; }

    public bool ShowVersion { get; private set; }

    public string? Bind { get; private set; }

    public int AfterSeconds { get; private set; } = 20;

    /// <summary>The error in the command line; null if it is valid.</summary>
    public string? Mistake { get; private set; }

    /// <summary>Parses all words, also those after a mistake: <c>--hook</c> is effective in any position.</summary>
    public static Options Parse(string[] arguments)
    {
        var options = new Options();
        for (int i = 0; i < arguments.Length; i++)
            options.Take(arguments, ref i);
        return options;
    }

    private void Take(string[] arguments, ref int i)
    {
        string word = arguments[i];
        int equals = word.StartsWith("--", StringComparison.Ordinal) ? word.IndexOf('=') : -1;
        string name = equals < 0 ? word : word[..equals];
        switch (name)
        {
            case "--json":
                Json = true;
                break;
            case "--hook":
                Hook = true;
                break;
            case "--yes" or "-y":
                Yes = true;
                break;
            case "--kmsg":
                Kmsg = true;
                break;
            case "--no-kmsg":
                Kmsg = false;
                break;
            case "--peak":
                Peak = true;
                break;
            case "--help" or "-h":
                Help = true;
                break;
            case "--version" or "-V":
                ShowVersion = true;
                break;
            case "--root" when Value(arguments, ref i, equals) is string root:
                Root = root;
                if (root.Length == 0)
                    Mistake ??= "--root: empty name; give a folder, or / for this machine";
                break;
            case "--bind" when Value(arguments, ref i, equals) is string bdf:
                Bind = bdf;
                break;
            case "--after" when Value(arguments, ref i, equals) is string time:
                AfterSeconds = Seconds(time);
                break;
            default:
                if (word.StartsWith('-'))
                    Mistake ??= $"{word}: unknown option";
                else if (Command.Length == 0)
                    TakeCommand(word);
                else
                    Operands.Add(word);
                break;
        }
    }

    /// <summary><c>help</c> and <c>version</c> are commands, as in kdt, git and systemctl.</summary>
    private void TakeCommand(string word)
    {
        Command = word;
        Help |= word == "help";
        ShowVersion |= word == "version";
    }

    private string? Value(string[] arguments, ref int i, int equals)
    {
        if (equals >= 0)
            return arguments[i][(equals + 1)..];
        if (i + 1 < arguments.Length)
            return arguments[++i];
        Mistake ??= $"{arguments[i]} needs a value";
        return null;
    }

    /// <summary>Parses a duration into seconds: <c>20</c>, <c>20s</c>, <c>2min</c>.</summary>
    private int Seconds(string text)
    {
        int unit;
        if (text.EndsWith("min", StringComparison.Ordinal))
            unit = 60;
        else
            unit = text.EndsWith('m') ? 60 : 1;
        if (int.TryParse(text.AsSpan().TrimEnd("smin"), out int n) && n is >= 0 and <= 86400)
            return n * unit;
        Mistake ??= $"--after {text}: not a time such as 20s";
        return 0;
    }
}
