namespace Kdump.Diagnosis.Crashes;

/// <summary>
/// The registers that a report prints: <c>RAX: 0000000000000000 RBX: …</c>, <c>x29: … x28: …</c>, <c>R10: …</c>. The first set counts: a
/// second is of user space.
/// </summary>
internal static class Registers
{
    private const int Max = 48;

    public static List<KeyValuePair<string, string>> Read(IReadOnlyList<ReportLine> lines, int end)
    {
        var found = new List<KeyValuePair<string, string>>();
        for (int i = 0; i < end && found.Count < Max; i++)
        {
            string line = lines[i].Text;
            if (line.StartsWith("RIP: 0033", StringComparison.Ordinal) && found.Count > 4)
                break;
            if (line.Length < 12 || line.Length > 200 || line.IndexOf(':') is < 1 or > 8)
                continue;
            if (line[0] == '$')
            {
                Mips(line, found);
                continue;
            }
            string[] words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            for (int w = 0; w + 1 < words.Length; w++)
            {
                string name = words[w].TrimEnd(':');
                int value = w + 1;
                bool colon = words[w].EndsWith(':');
                if (!colon && words[value] == ":" && value + 1 < words.Length)
                    value++;
                else if (!colon)
                    continue;
                string hex = words[value][(words[value].IndexOf(':') + 1)..];
                if (!IsRegister(name) || hex.Length is not (8 or 16) || !FrameLine.IsHex(hex))
                    continue;
                if (found.Exists(f => f.Key == name))
                    return found;
                found.Add(new(name, hex));
                w = value;
            }
        }
        return found;
    }

    /// <summary><c>$ 4   : 0000affa 8fc11d7c 0000b00e 8ef26d95</c>: four by number (arch/mips/kernel/traps.c).</summary>
    private static void Mips(string line, List<KeyValuePair<string, string>> found)
    {
        int colon = line.IndexOf(':');
        if (!int.TryParse(line.AsSpan(1, colon - 1).Trim(), out int number) || number is < 0 or > 28)
            return;
        foreach (string value in line[(colon + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(4))
        {
            if (value.Length is not (8 or 16) || !FrameLine.IsHex(value) || found.Exists(f => f.Key == $"${number}"))
                return;
            found.Add(new($"${number++}", value));
        }
    }

    private static bool IsRegister(string name) => name switch
    {
        "EFLAGS" or "sp" or "pstate" or "lr" or "NIP" or "LR" or "CTR" or "MSR" or "epc" or "ra" or "gp" or "tp" or "status" or "badaddr" or
            "cause" => true,
        _ when name.Length is < 2 or > 4 => false,
        _ => name[0] is 'R' or 'E' or 'C' or 'x' or 'r' or 's' or 't' or 'a' && name[1..]
            .All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c)),
    };
}
