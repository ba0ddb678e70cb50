using Kdump.Diagnosis.Reports;

namespace Kdump.Cli.Languages;

/// <summary>
/// The language of a report: <c>--lang</c>, otherwise what the environment asks for as gettext reads it (gettext manual, "Locale
/// Environment Variables"): LC_ALL, LC_MESSAGES or LANG, and LANGUAGE as a list of preferences if those name a language at all.
/// </summary>
internal static class LanguageChoice
{
    /// <summary>The values of --lang.</summary>
    public static readonly string[] All = ["en", "zh"];

    /// <summary>The language of --lang; null if it is not given. Read before the command line is parsed, as --color is.</summary>
    public static Words? Given(string[] args)
    {
        for (int i = 0; i < args.Length; i++)
        {
            string? value;
            if (args[i].StartsWith("--lang=", StringComparison.Ordinal))
                value = args[i]["--lang=".Length..];
            else
                value = args[i] == "--lang" && i + 1 < args.Length ? args[i + 1] : null;
            if (value is not null)
                return value == "zh" ? new Chinese() : Words.English;
        }
        return null;
    }

    /// <param name="value">The value of an environment variable.</param>
    public static Words OfEnvironment(Func<string, string?> value)
    {
        string locale = Set("LC_ALL") ?? Set("LC_MESSAGES") ?? Set("LANG") ?? "C";
        // A text in UTF-8 is unreadable where the locale has another encoding, and the kernel's own console has no Chinese letters.
        if (locale is "C" or "POSIX" || locale.StartsWith("C.", StringComparison.Ordinal) || !IsUtf8(locale) || value("TERM") == "linux")
            return Words.English;
        foreach (string wanted in (Set("LANGUAGE") ?? locale).Split(':'))
        {
            switch (wanted.Split('_', '.', '@', '-')[0])
            {
                case "zh":
                    return new Chinese();
                case "en":
                    return Words.English;
            }
        }
        return Words.English;

        string? Set(string name) => value(name) is { Length: > 0 } text ? text : null;
    }

    private static bool IsUtf8(string locale)
    {
        int dot = locale.IndexOf('.');
        return dot < 0 || locale[(dot + 1)..].Split('@')[0].Replace("-", "", StringComparison.Ordinal)
            .Equals("utf8", StringComparison.OrdinalIgnoreCase);
    }
}
