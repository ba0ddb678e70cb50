namespace Kdump.Diagnosis.Crashes;

/// <summary>
/// The words that titles of crashes are made of: those of the reports' first lines as this program knows them. Any other word of a title
/// was printed by the machine, and may be a name.
/// </summary>
public static class TitleWords
{
    /// <summary>What <see cref="Titles"/> and the details of reports put into a title: kinds of access, places of what was taken
    /// out.</summary>
    private const string Details = "ADDR NUM IP LINE CPU Read Write of size in at on to for from by is not and corrupted use after free " +
        "slab out bounds double invalid null ptr deref wild memory access global stack user shift array index type mismatch misaligned " +
        "uninit value race data infoleak exitcode unknown block root fs kernel panic init Fatal exception interrupt hung tasks blocked";

    private static readonly HashSet<string> Words = [.. Families.All.SelectMany(f => f.Recipes.SelectMany(Texts).Append(f.Heading))
        .Append(Details).SelectMany(Of)];

    public static bool Has(string word) => Words.Contains(word);

    /// <summary>Letters and digits that stand together.</summary>
    public static IEnumerable<string> Of(string text)
    {
        for (int i = 0; i < text.Length;)
        {
            int end = i;
            while (end < text.Length && char.IsLetterOrDigit(text[end]))
                end++;
            if (end > i)
                yield return text[i..end];
            i = end + 1;
        }
    }

    private static IEnumerable<string> Texts(Recipe recipe) => [recipe.Title, recipe.Alternative ?? "", recipe.Shape];
}
