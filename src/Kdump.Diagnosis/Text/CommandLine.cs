namespace Kdump.Diagnosis.Text;

/// <summary>One parameter; <paramref name="Value"/> is null without an equals sign.</summary>
public readonly record struct KernelParameter(string Name, string? Value)
{
    public override string ToString() => Value is null ? Name : $"{Name}={Value}";
}

/// <summary>
/// A kernel command line taken apart as lib/cmdline.c next_arg() does: blanks separate, double quotes hold blanks together wherever they
/// stand and are dropped around a value or a whole parameter; dash and underscore in names are the same (kernel/params.c parameq).
/// </summary>
public sealed class CommandLine
{
    /// <summary>Parameters that are kept; a command line holds at most 4096 bytes on the architectures we know.</summary>
    private const int MaxParameters = 2048;

    private readonly List<KernelParameter> parameters = [];

    private CommandLine() { }

    public IReadOnlyList<KernelParameter> Parameters => parameters;

    /// <summary>What stands behind <c>--</c>: the kernel stops there (kernel/params.c parse_args) and hands it to init.</summary>
    public string ForInit { get; private set; } = "";

    public static CommandLine Parse(ReadOnlySpan<char> text)
    {
        var line = new CommandLine();
        int at = 0;
        while (at < text.Length && line.parameters.Count < MaxParameters)
        {
            while (at < text.Length && IsBlank(text[at]))
                at++;
            int start = at, equals = -1;
            bool quoted = false;
            for (; at < text.Length && (quoted || !IsBlank(text[at])); at++)
            {
                if (text[at] == '"')
                    quoted = !quoted;
                else if (text[at] == '=' && equals < 0)
                    equals = at;
            }
            if (at == start)
                continue;
            ReadOnlySpan<char> word = text[start..at];
            if (word is "--")
            {
                line.ForInit = text[at..].Trim().ToString();
                break;
            }
            equals = equals < 0 ? -1 : equals - start;
            if (word[0] == '"')
            {
                word = word[1..];
                equals--;
                if (word.Length > 0 && word[^1] == '"')
                    word = word[..^1];
            }
            if (equals < 0)
                line.parameters.Add(new(word.ToString(), null));
            else
                line.parameters.Add(new(word[..equals].ToString(), Unquote(word[(equals + 1)..]).ToString()));
        }
        return line;
    }

    /// <summary>
    /// The value of the last parameter of this name: where the kernel reads one twice, the later wins. Empty for a bare name.
    /// </summary>
    public string? Last(string name)
    {
        for (int i = parameters.Count - 1; i >= 0; i--)
        {
            if (Same(parameters[i].Name, name))
                return parameters[i].Value ?? "";
        }
        return null;
    }

    public int? LastNumber(string name) => int.TryParse(Last(name), out int n) ? n : null;

    private static bool Same(string a, string b)
    {
        if (a.Length != b.Length)
            return false;
        for (int i = 0; i < a.Length; i++)
        {
            if (a[i] != b[i] && !(a[i] is '-' or '_' && b[i] is '-' or '_'))
                return false;
        }
        return true;
    }

    private static ReadOnlySpan<char> Unquote(ReadOnlySpan<char> value)
    {
        if (value.Length > 0 && value[0] == '"')
            value = value[1..];
        return value.Length > 0 && value[^1] == '"' ? value[..^1] : value;
    }

    private static bool IsBlank(char c) => c is ' ' or '\t' or '\n' or '\r' or '\v' or '\f';
}
