using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.DumpSetup;

/// <summary>
/// A file of shell assignments that other programs source: <c>NAME="value"</c>, <c>export</c>, comments. Only what can be known
/// without running a shell is read; a value with <c>$</c> or a backquote stays as written. What a shell would refuse or misread is
/// reported: a quote that nothing closes, blanks around the equals sign, a name that is nearly one of the program's.
/// </summary>
public abstract class ShellSettings : LineParser
{
    /// <summary>Maximum number of names to compare with known ones, so that a huge file takes no long time.</summary>
    private const int MaxMisspelt = 64;

    private int misspelt;
    private Source? open;
    private char quote;

    /// <summary>The names that the program reads.</summary>
    protected abstract IReadOnlyCollection<string> Names { get; }

    /// <summary>Only names with this prefix are settings of the program; the rest of the file is the administrator's own.</summary>
    protected abstract bool Mine(string name);

    protected abstract void Set(KdumpSetting setting, Facts facts);

    /// <summary>What a name from another distribution's file is called here; null if it is no such name.</summary>
    protected virtual string? Elsewhere(string name) => null;

    /// <summary>The file is read by sh (where <c>+=</c> is a command), not by bash.</summary>
    protected virtual bool Plain => false;

    public override bool Line(in TextLine line, Facts facts)
    {
        if (open is not null)
        {
            // The rest of a value that spans several lines.
            if (line.Text.Contains(quote))
                open = null;
            return true;
        }
        ReadOnlySpan<char> text = line.Text.Trim();
        if (text.StartsWith("export ", StringComparison.Ordinal))
            text = text["export ".Length..].TrimStart();
        int equals = text.IndexOf('=');
        if (equals <= 0 || text[0] == '#')
            return false;
        if (text[..equals].IndexOfAny(" \t#\"'$") >= 0)
            return Blank(line, text, equals, facts);
        // NAME+=… is bash; sh takes it for a command, so that nothing is set.
        bool append = text[equals - 1] == '+';
        string name = text[..(append ? equals - 1 : equals)].ToString();
        ReadOnlySpan<char> rest = text[(equals + 1)..];
        if (rest.Length > 0 && rest[0] is '"' or '\'' && !Closed(rest))
            (open, quote) = (line.ToSource(), rest[0]);
        if (!Mine(name))
            return Misspelt(line, name, facts);
        if (append && Plain)
            facts.Add(new KdumpConfProblem(line.ToSource(), $"'{name}+=' works in bash only: the file is read by sh")
            { Correction = $"Write {name}= with the whole value" });
        else if (rest.Length > 0 && rest[0] is ' ' or '\t' && !rest.TrimStart().IsEmpty && rest.TrimStart()[0] != '#')
            facts.Add(new KdumpConfProblem(line.ToSource(),
                $"a blank stands behind '{name}=': the shell sets nothing and takes what follows for a command")
            { Correction = $"Write {name}={rest.TrimStart()}" });
        else
        {
            if (!Names.Contains(name))
                Misspelt(line, name, facts);
            Set(new(line.ToSource(), name, Value(rest)), facts);
        }
        return true;
    }

    public override void End(Facts facts)
    {
        if (open is not null)
            facts.Add(new KdumpConfProblem(open, "a quote is opened here and never closed: the shell refuses the whole file")
            { Effect = ConfEffect.Refused, Correction = "Close the quote at the end of the line" });
        open = null;
        misspelt = 0;
    }

    private bool Blank(in TextLine line, ReadOnlySpan<char> text, int equals, Facts facts)
    {
        string name = text[..equals].TrimEnd().ToString();
        if (!Names.Contains(name))
            return false;
        facts.Add(new KdumpConfProblem(line.ToSource(),
            $"a blank stands before the equals sign of {name}: the shell takes it for a command")
        { Correction = $"Write {name}={text[(equals + 1)..].TrimStart()}" });
        return true;
    }

    /// <summary>True for a name that the program does not read and that nearly is one it reads.</summary>
    private bool Misspelt(in TextLine line, string name, Facts facts)
    {
        if (Names.Contains(name))
            return true;
        if (misspelt++ >= MaxMisspelt)
            return Mine(name);
        string? other = Elsewhere(name), meant = other ?? MeantWord.Of(name, Names);
        if (meant is null)
            return Mine(name);
        facts.Add(new KdumpConfProblem(line.ToSource(), other is null ? $"{name} is not read; {meant} may be meant"
            : $"{name} is another distribution's setting and not read here; {meant} is meant") { Correction = $"Write {meant}" });
        return Mine(name);
    }

    private static bool Closed(ReadOnlySpan<char> text)
    {
        for (int i = 1; i < text.Length; i++)
        {
            if (text[i] == '\\' && text[0] == '"')
                i++;
            else if (text[i] == text[0])
                return true;
        }
        return false;
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
