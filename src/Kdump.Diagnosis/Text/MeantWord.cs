namespace Kdump.Diagnosis.Text;

/// <summary>The only known word that a misspelt word can mean: proof of a mistake, not a list of suggestions.</summary>
public static class MeantWord
{
    /// <summary>
    /// The nearest known word, if it is the only one and near enough: one edit for words below eight letters, two above. An edit is
    /// a letter left out, added or exchanged. Null where none is, or several are.
    /// </summary>
    /// <param name="most">Edits at most.</param>
    public static string? Of(string word, IEnumerable<string> known, int most = 2)
    {
        int limit = word.Length < 8 ? 1 : most, best = limit + 1;
        string? found = null;
        if (word.Length is < 3 or > 64)
            return null;
        foreach (string candidate in known)
        {
            int distance = Distance(word, candidate, best);
            if (distance < best)
                (best, found) = (distance, candidate);
            else if (distance == best && best <= limit)
                found = null;
        }
        return found;
    }

    private static int Distance(string a, string b, int most)
    {
        if (Math.Abs(a.Length - b.Length) > most)
            return most + 1;
        int[] row = new int[b.Length + 1];
        for (int j = 0; j <= b.Length; j++)
            row[j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int here = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = row[j];
                row[j] = here;
            }
        }
        return row[b.Length];
    }
}
