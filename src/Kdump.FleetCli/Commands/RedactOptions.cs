using System.CommandLine;
using Kdump.Fleet.Scans;
using Kdump.Fleet.Stores;
using Kdump.Formats.Bytes;

namespace Kdump.FleetCli.Commands;

/// <summary>
/// The key of a redacted store: out of a file, out of the environment, or on the command line, where other users of the machine see it.
/// </summary>
internal sealed class RedactOptions
{
    /// <summary>The key itself. Options come before it; a store with plain names is not asked with it.</summary>
    public const string Variable = "KDT_REDACT_KEY";

    /// <summary>A key file is a line; what is longer is another file.</summary>
    private const int MaxKey = 4096;

    private readonly Option<string?> key, file;

    /// <param name="what">What the key does here.</param>
    public RedactOptions(string what)
    {
        key = new("--redact") { Description = $"{what}; a key here is seen by all users of this machine (ps): " +
            $"--redact-key or {Variable} hide it", HelpName = "KEY" };
        file = new("--redact-key") { Description =
            $"The same, with the key in the first line of this file ({Variable} in the environment: the key itself)", HelpName = "FILE" };
    }

    public static RedactOptions OfScan() => new(
        "Store no names, paths, addresses and texts: of each a number that is made with this key (8 characters or more)");

    public static RedactOptions OfQuestion() => new("The key of a redacted store, to look up a name in it");

    public void AddTo(Command command)
    {
        command.Options.Add(key);
        command.Options.Add(file);
    }

    /// <summary>For a scan; null: names are kept.</summary>
    /// <exception cref="InputException">The file cannot be read, the key is too short, or there are two.</exception>
    public Redaction? Of(ParseResult parsed) => Told(parsed) is { } told ? new Redaction(told) : null;

    /// <summary>For the owner of a redacted store, who looks up by names what has none.</summary>
    /// <exception cref="InputException">Besides: the store was made with another key, or without.</exception>
    public Redaction? Of(ParseResult parsed, FleetStore store)
    {
        bool asked = parsed.GetValue(key) is not null || parsed.GetValue(file) is not null;
        if (!asked && !store.IsRedacted)
            return null;
        Redaction? made = Of(parsed);
        if (made is not null)
            store.Require(made.Check);
        return made;
    }

    private string? Told(ParseResult parsed)
    {
        string? given = parsed.GetValue(key), place = parsed.GetValue(file);
        if (given is not null && place is not null)
            throw new InputException("--redact-key", "key", -1, "and --redact give a key each: give one of them");
        // Set and empty is a secret that was not there: no key, not a wish to keep names.
        return given ?? (place is not null ? FirstLine(place) : Environment.GetEnvironmentVariable(Variable));
    }

    private static string FirstLine(string place)
    {
        try
        {
            using var text = new StreamReader(File.OpenRead(place));
            var buffer = new char[MaxKey + 1];
            int length = text.ReadBlock(buffer);
            string line = new string(buffer, 0, length).Split('\n')[0].TrimEnd('\r');
            return line.Length <= MaxKey && !line.Contains('\0') ? line
                : throw new InputException(place, "--redact-key", -1,
                    $"has no key in its first line: it is longer than {MaxKey} characters, or no text");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(place, "--redact-key", -1, FileKind.ReasonOf(e, place), e);
        }
    }
}
