using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Catalogue;

/// <summary>
/// One line that must be there, in one of several wordings, each a <see cref="Shape"/>: text stands for itself and <c>*</c> for
/// anything; <c>{w}</c> captures a word, <c>{d}</c> a device, <c>{e}</c> all up to the next character, <c>{t}</c> the rest of the
/// line. A wording with <c>^</c> in front must be the beginning of a kernel message.
/// </summary>
public sealed class Sign(params string[] wordings)
{
    public IReadOnlyList<string> Wordings { get; } = wordings;

    /// <summary>For each wording the longest text that every matching line contains.</summary>
    public IReadOnlyList<string> Literals { get; } = Array.ConvertAll(wordings, w => Shape.LongestLiteral(w.TrimStart('^')));

    public static implicit operator Sign(string wording) => new(wording);

    private readonly (bool Begins, string Shape)[] shapes = Array.ConvertAll(wordings, w => (w[0] == '^', w.TrimStart('^')));

    /// <summary>True if the line has one of the wordings; <paramref name="taken"/> then holds the captured texts.</summary>
    internal bool Fits(in TextLine line, List<string> taken)
    {
        foreach ((bool begins, string shape) in shapes)
        {
            bool fits = begins ? !line.Kernel.Foreign && Shape.Begins(line.Kernel.Message, shape, taken)
                : Shape.Find(line.Text, shape, taken) >= 0;
            if (fits)
                return true;
        }
        return false;
    }

    /// <summary>As a person would quote it.</summary>
    public override string ToString() => string.Join("` or `", Wordings.Select(w => Shape.Quoted(w.TrimStart('^'))));
}
