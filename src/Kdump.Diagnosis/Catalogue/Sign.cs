using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Catalogue;

/// <summary>
/// One line that must be there, in one of several wordings, each a <see cref="Shape"/>: text stands for itself, <c>*</c> for anything, and
/// <c>{w}</c>, <c>{d}</c>, <c>{e}</c>, <c>{t}</c> take a word, a device, all up to the next character, the rest of the line.
/// A wording that begins with <c>^</c> is the kernel's own and begins its message.
/// </summary>
public sealed class Sign(params string[] wordings)
{
    public IReadOnlyList<string> Wordings { get; } = wordings;

    /// <summary>For each wording a text that every line of it holds.</summary>
    public IReadOnlyList<string> Literals { get; } = Array.ConvertAll(wordings, w => Shape.LongestLiteral(w.TrimStart('^')));

    public static implicit operator Sign(string wording) => new(wording);

    /// <summary>The line has one of the wordings; <paramref name="taken"/> holds what it took.</summary>
    internal bool Fits(in TextLine line, List<string> taken)
    {
        foreach (string wording in Wordings)
        {
            bool fits = wording[0] == '^' ? !line.Kernel.Foreign && Shape.Find(line.Kernel.Message, wording[1..], taken) == 0
                : Shape.Find(line.Text, wording, taken) >= 0;
            if (fits)
                return true;
        }
        return false;
    }

    /// <summary>As a person would quote it.</summary>
    public override string ToString() => string.Join("` or `", Wordings.Select(w => Shape.Quoted(w.TrimStart('^'))));
}
