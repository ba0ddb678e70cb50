using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Speakers;

/// <summary>The list of messages that are known to be harmless.</summary>
public static class Harmless
{
    public static IReadOnlyList<HarmlessMessage> All => HarmlessMessages.All;

    private static readonly SignTable Texts = new(All.SelectMany((m, i) => m.Wordings.Select(w => (i, Shape.LongestLiteral(w)))));

    public static HarmlessMessage? Find(ReadOnlySpan<char> line)
    {
        var concerned = new List<int>();
        Texts.ReadersOf(line, concerned);
        foreach (int i in concerned)
        {
            foreach (string wording in All[i].Wordings)
            {
                if (Shape.Find(line, wording) >= 0)
                    return All[i];
            }
        }
        return null;
    }
}
