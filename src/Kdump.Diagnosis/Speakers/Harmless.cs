using System.Numerics;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Speakers;

/// <summary>The list of messages that are known to be harmless.</summary>
public static class Harmless
{
    /// <summary>Bits of the sign table: several entries share one.</summary>
    private const int Groups = 64;

    public static IReadOnlyList<HarmlessMessage> All => HarmlessMessages.All;

    private static readonly SignTable Texts = new(All.SelectMany((m, i) => m.Wordings.Select(w => (i % Groups,
        Shape.LongestLiteral(w)))));

    public static HarmlessMessage? Find(ReadOnlySpan<char> line)
    {
        for (ulong groups = Texts.ReadersOf(line); groups != 0; groups &= groups - 1)
        {
            for (int i = BitOperations.TrailingZeroCount(groups); i < All.Count; i += Groups)
            {
                foreach (string wording in All[i].Wordings)
                {
                    if (Shape.Find(line, wording) >= 0)
                        return All[i];
                }
            }
        }
        return null;
    }
}
