namespace Kdump.Diagnosis.Kconfig;

/// <summary>A kernel's configuration: <c>CONFIG_X=value</c> and <c># CONFIG_X is not set</c>, as kconfig writes it.</summary>
public sealed class ConfigOptions
{
    /// <summary>Options that are kept; a whole distribution config has about 11 000.</summary>
    private const int MaxOptions = 100_000;

    private readonly Dictionary<string, string> values = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, string> Values => values;

    /// <summary><c>y</c>, <c>m</c>, a number or a text; <c>n</c> for what is not set or unknown to this kernel.</summary>
    public string this[string option] => values.GetValueOrDefault(option, "n");

    /// <summary>True if the option is named at all, on or off.</summary>
    public bool Knows(string option) => values.ContainsKey(option);

    /// <summary>Takes a line; false when the line is none of a config.</summary>
    public bool Line(ReadOnlySpan<char> line) => Line(line, out _);

    /// <param name="name">With CONFIG_.</param>
    public bool Line(ReadOnlySpan<char> line, out ReadOnlySpan<char> name)
    {
        name = default;
        line = line.Trim();
        bool off = line.StartsWith("# CONFIG_", StringComparison.Ordinal) && line.EndsWith(" is not set", StringComparison.Ordinal);
        ReadOnlySpan<char> value = "n";
        if (off)
            name = line[2..^" is not set".Length];
        else if (line.StartsWith("CONFIG_", StringComparison.Ordinal) && line.IndexOf('=') is > 7 and var equals)
        {
            name = line[..equals];
            value = line[(equals + 1)..];
        }
        else
            return false;
        if (name.ContainsAny(" \t\"") || values.Count >= MaxOptions)
            return false;
        values[name.ToString()] = value.ToString();
        return true;
    }
}
