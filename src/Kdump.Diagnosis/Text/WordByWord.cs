using System.Text;

namespace Kdump.Diagnosis.Text;

/// <summary>A text in which each word may be replaced, and whatever stands between the words stays.</summary>
public static class WordByWord
{
    /// <summary>The text with each word replaced by what is given for it.</summary>
    /// <param name="more">Characters of words beside letters and digits.</param>
    public static string Of(string text, string more, Func<string, string> with)
    {
        var made = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length;)
        {
            int end = i;
            while (end < text.Length && (char.IsLetterOrDigit(text[end]) || more.Contains(text[end])))
                end++;
            if (end == i)
                made.Append(text[end++]);
            else
                made.Append(with(text[i..end]));
            i = end;
        }
        return made.ToString();
    }
}
