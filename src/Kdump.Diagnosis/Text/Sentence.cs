namespace Kdump.Diagnosis.Text;

/// <summary>Words of English sentences, by which a text about messages is told from the messages.</summary>
internal static class Sentence
{
    /// <summary>Words that stand before what a sentence is about, and in no prefix of a message.</summary>
    private static readonly HashSet<string> Before = Set(
        "a an the this that these those some any every i we you he she they it my our your is are was were be been being has " +
        "have had get gets got see sees saw seen say says said show shows shown print prints printed with by of in into to for " +
        "from and or but if when then again after before because like as fix fixes fixed avoid avoids prevent prevents report " +
        "reports reported trigger triggers triggered cause causes caused hit hits following such called named about");

    private static readonly HashSet<string> Persons = Set("i i'm i've i'll my me we we're our anybody anyone");

    /// <summary>Words behind a message that go on with a sentence about it, and that no message of a kernel has there.</summary>
    private static readonly HashSet<string> Behind = Set(
        "means meant mean happens happened occurs occurred appears appeared when because you we our i my if should would could " +
        "explains tells stands again whenever unless usually often sometimes message messages");

    /// <summary>What stands behind "is" in a sentence about a message: a message's own is followed by a state (is corrupted).</summary>
    private static readonly HashSet<string> BehindIs = Set(
        "what a an the no not printed shown seen written caused usually often due fixed one only where how when logged harmless");

    /// <summary>The first word behind a name that a sentence goes on with, where a message would have its colon.</summary>
    private static readonly HashSet<string> First = Set(
        "is are was were means mean happens happened occurs occurred appears appeared error errors message messages on at in " +
        "after when with and or because if for from by during while has can may might will would should this that the a an to " +
        "line lines screen screens issue issues problem problems string strings text");

    /// <summary>The text may end in the middle of one: it has an article, a pronoun or the like.</summary>
    public static bool LeadsUp(ReadOnlySpan<char> text) => Any(text, Before);

    /// <summary>The last word of the text wants another one: <c>… it ended in</c>.</summary>
    public static bool RunsOn(ReadOnlySpan<char> text)
    {
        text = text.TrimEnd();
        return !text.IsEmpty && char.IsAsciiLetter(text[^1]) && Has(Before, text[(text.LastIndexOf(' ') + 1)..]);
    }

    /// <summary>The text goes on as a sentence does, somewhere.</summary>
    public static bool GoesOn(ReadOnlySpan<char> text) => Any(text, Behind) || Pair(text, "is", BehindIs) || Pair(text, "are", BehindIs);

    /// <summary>
    /// A person speaks of himself (I, my, we), or tells in whole sentences without a name, a number or a sign of any program.
    /// </summary>
    public static bool OfPerson(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        if (text.Length < 24 || text.IndexOf(' ') < 0)
            return false;
        if (Any(text, Persons))
            return true;
        int next = text.IndexOf(". ", StringComparison.Ordinal);
        return next > 0 && char.IsAsciiLetterUpper(text[0]) && text[^1] == '.' && LeadsUp(text) &&
            text.IndexOfAny("/\"'[]()<>=:{}|") < 0 && text.IndexOfAnyInRange('0', '9') < 0;
    }

    /// <summary>The text begins as a sentence goes on.</summary>
    public static bool BeginsWithin(ReadOnlySpan<char> text)
    {
        text = text.TrimStart(' ');
        int end = text.IndexOfAny(" ,.");
        return Has(First, end < 0 ? text : text[..end]);
    }

    private static HashSet<string> Set(string words) => new(words.Split(' '), StringComparer.Ordinal);

    private static bool Has(HashSet<string> words, ReadOnlySpan<char> word) =>
        words.GetAlternateLookup<ReadOnlySpan<char>>().Contains(word);

    private static bool Any(ReadOnlySpan<char> text, HashSet<string> words)
    {
        foreach (Range range in text.Split(' '))
        {
            ReadOnlySpan<char> word = text[range].Trim(".,;:!?()\"'`*");
            // Sentences begin with a capital.
            if (Has(words, word) || (word.Length is > 0 and < 16 && char.IsAsciiLetterUpper(word[0]) && Has(words, Lowered(word))))
                return true;
        }
        return false;
    }

    private static string Lowered(ReadOnlySpan<char> word) => word.ToString() is ['I'] ? "i" : char.ToLowerInvariant(word[0]) + word[1..]
        .ToString();

    private static bool Pair(ReadOnlySpan<char> text, string first, HashSet<string> second)
    {
        bool before = false;
        foreach (Range range in text.Split(' '))
        {
            ReadOnlySpan<char> word = text[range].Trim(".,;:!?()\"'`*");
            if (before && Has(second, word))
                return true;
            before = word.SequenceEqual(first);
        }
        return false;
    }
}
