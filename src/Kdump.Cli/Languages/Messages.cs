using System.IO.Compression;
using System.Text;

namespace Kdump.Cli.Languages;

/// <summary>
/// A table of translations in the form of gettext's PO files (gettext manual, "The Format of PO Files"): <c>msgctxt</c> is the id of the
/// catalogue that a text belongs to, without it the text is everybody's; <c>msgid</c> the English text, <c>msgstr</c> the translation.
/// </summary>
internal sealed class Messages
{
    /// <summary>The texts of one id.</summary>
    private sealed class Group
    {
        public Dictionary<string, string> Exact { get; } = new(StringComparer.Ordinal);

        public List<Template> Templates { get; } = [];
    }

    private readonly Dictionary<string, Group> groups = new(StringComparer.Ordinal);
    private readonly List<(string Id, string English, string Translation)> all = [];

    /// <summary>Every message in the order of the file; the id is empty for a message that any finding may use.</summary>
    public IReadOnlyList<(string Id, string English, string Translation)> All => all;

    /// <summary>The table of this name among the program's resources, packed by gzip.</summary>
    public static Messages OfResource(string name)
    {
        using Stream stream = typeof(Messages).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"the program has no resource {name}");
        using var unpacked = new GZipStream(stream, CompressionMode.Decompress);
        using var reader = new StreamReader(unpacked, Encoding.UTF8);
        return Read(reader);
    }

    public static Messages Read(TextReader reader)
    {
        var messages = new Messages();
        StringBuilder id = new(), english = new(), translation = new(), open = id;
        while (reader.ReadLine() is { } line)
        {
            string word = line[..(line.IndexOf(' ') + 1)];
            StringBuilder? part = word switch
            {
                "msgctxt " => id,
                "msgid " => english,
                "msgstr " => translation,
                _ => null,
            };
            word = part is null ? "" : word;
            if (translation.Length > 0 && (part == id || (part == english)))
                messages.Add(id, english, translation);
            open = part ?? open;
            if (line.Length > word.Length && line[word.Length] == '"')
                Unquote(line.AsSpan(word.Length), open);
        }
        messages.Add(id, english, translation);
        return messages;
    }

    /// <summary>The translation of this text of the id, or of everybody's; null if there is none.</summary>
    public string? Exact(string id, string english)
    {
        if (groups.TryGetValue(id, out Group? own) && own.Exact.TryGetValue(english, out string? text))
            return text;
        return groups.TryGetValue("", out Group? common) ? common.Exact.GetValueOrDefault(english) : null;
    }

    /// <summary>The template that this text fits, the one that says most, and its values; the id's own come first.</summary>
    public (Template Template, IReadOnlyList<string> Values)? Fitting(string id, string english)
    {
        foreach (string group in id.Length == 0 ? [""] : (string[])[id, ""])
        {
            (Template Template, IReadOnlyList<string> Values)? best = null;
            foreach (Template template in groups.TryGetValue(group, out Group? found) ? found.Templates : [])
            {
                if ((best is null || template.Weight > best.Value.Template.Weight) && template.Values(english) is { } values)
                    best = (template, values);
            }
            if (best is not null)
                return best;
        }
        return null;
    }

    /// <summary>The longest text of whole sentences with which this one begins, and its translation.</summary>
    public (int Length, string Translation)? Beginning(string id, string english)
    {
        (int Length, string Translation)? best = null;
        foreach (string group in id.Length == 0 ? [""] : (string[])[id, ""])
        {
            foreach ((string text, string translation) in groups.TryGetValue(group, out Group? found) ? found.Exact : [])
            {
                if (text.Length > (best?.Length ?? 0) && text.EndsWith('.') && english.StartsWith(text, StringComparison.Ordinal) &&
                    (english.Length == text.Length || english[text.Length] == ' '))
                    best = (text.Length, translation);
            }
        }
        return best;
    }

    private void Add(StringBuilder id, StringBuilder english, StringBuilder translation)
    {
        // The message without text is the file's head.
        if (english.Length > 0 && translation.Length > 0)
            Add(id.ToString(), english.ToString(), translation.ToString());
        id.Clear();
        english.Clear();
        translation.Clear();
    }

    private void Add(string id, string english, string translation)
    {
        all.Add((id, english, translation));
        if (!groups.TryGetValue(id, out Group? group))
            groups[id] = group = new();
        group.Exact[english] = translation;
        if (!Template.Is(english))
            return;
        group.Templates.Add(new Template(english, translation));
        // A rule leaves the place of an unknown device empty.
        if (english.Contains("{device}", StringComparison.Ordinal))
            group.Exact[Without(english)] = Without(translation);
    }

    private static string Without(string text) =>
        text.Replace("{device}", "", StringComparison.Ordinal).Replace("  ", " ", StringComparison.Ordinal).Trim();

    private static void Unquote(ReadOnlySpan<char> quoted, StringBuilder text)
    {
        for (int i = 1; i < quoted.Length && quoted[i] != '"'; i++)
        {
            if (quoted[i] != '\\' || i + 1 == quoted.Length)
                text.Append(quoted[i]);
            else
                text.Append(quoted[++i] switch { 'n' => '\n', 't' => '\t', var c => c });
        }
    }
}
