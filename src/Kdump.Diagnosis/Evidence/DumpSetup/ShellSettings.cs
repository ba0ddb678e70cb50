using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.DumpSetup;

/// <summary>
/// A file of shell assignments that other programs source: <c>NAME="value"</c>, <c>export</c>, comments. Only what can be known without
/// running a shell is read; a value with <c>$</c> or a backquote stays as written.
/// </summary>
public abstract class ShellSettings : LineParser
{
    /// <summary>Only names that begin so are settings of this program; the rest of the file is the administrator's own.</summary>
    protected abstract bool Mine(string name);

    protected abstract void Set(KdumpSetting setting, Facts facts);

    public override bool Line(in TextLine line, Facts facts)
    {
        ReadOnlySpan<char> text = line.Text.Trim();
        if (text.StartsWith("export ", StringComparison.Ordinal))
            text = text["export ".Length..].TrimStart();
        int equals = text.IndexOf('=');
        if (equals <= 0 || text[..equals].IndexOfAny(" \t#\"'$") >= 0)
            return false;
        // NAME+=… is bash; sh takes it for a command, so that nothing is set.
        bool append = text[equals - 1] == '+';
        string name = text[..(append ? equals - 1 : equals)].ToString();
        if (!Mine(name))
            return false;
        if (append)
            facts.Add(new KdumpConfProblem(line.ToSource(), $"'{name}+=' works in bash only: the file is read by sh"));
        else
            Set(new(line.ToSource(), name, Value(text[(equals + 1)..])), facts);
        return true;
    }

    private static string Value(ReadOnlySpan<char> text)
    {
        if (text.Length > 0 && (text[0] == '"' || text[0] == '\''))
        {
            int end = text[1..].IndexOf(text[0]);
            return (end < 0 ? text[1..] : text[1..(end + 1)]).ToString();
        }
        int blank = text.IndexOfAny(' ', '\t', '#');
        return (blank < 0 ? text : text[..blank]).ToString();
    }
}
