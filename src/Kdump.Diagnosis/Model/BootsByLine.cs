namespace Kdump.Diagnosis.Model;

/// <summary>Finds the kernel's life that a line of an input belongs to: that of the last fact at or before it.</summary>
internal sealed class BootsByLine
{
    private readonly Dictionary<string, List<(long Line, Boot Boot)>> inputs = new(StringComparer.Ordinal);

    public BootsByLine(Facts facts)
    {
        foreach (Fact fact in facts.All)
        {
            if (fact.Boot is null || fact.Source.Order == 0)
                continue;
            if (!inputs.TryGetValue(fact.Source.Input, out List<(long, Boot)>? lines))
                inputs[fact.Source.Input] = lines = [];
            lines.Add((fact.Source.Order, fact.Boot));
        }
        foreach (List<(long Line, Boot Boot)> lines in inputs.Values)
            lines.Sort((a, b) => a.Line.CompareTo(b.Line));
    }

    public Boot? At(Source source)
    {
        if (!inputs.TryGetValue(source.Input, out List<(long Line, Boot Boot)>? lines))
            return null;
        int low = 0, high = lines.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (lines[middle].Line <= source.Order)
                low = middle + 1;
            else
                high = middle;
        }
        return low == 0 ? null : lines[low - 1].Boot;
    }
}
