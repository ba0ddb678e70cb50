using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Catalogue.Tools;

/// <summary>SELinux denied an access to a program of kdump's domain: <c>avc:  denied  { read } for … scontext=…:kdump_t:…</c></summary>
/// <param name="Permission">The access that was denied.</param>
/// <param name="Program">The name of the task.</param>
/// <param name="Object">File name or path; empty where the line has none.</param>
/// <param name="Label">Type of the object.</param>
public sealed record SelinuxDenial(Source Source, string Permission, string Program, string Object, string Label) : Fact(Source);

/// <summary>
/// Reads denials in the audit log, the kernel log and the output of ausearch. Denials that are only logged (permissive) are
/// skipped.
/// </summary>
public sealed class SelinuxDenials : LineParser
{
    public override string Kind => "kernel log";

    public override IReadOnlyList<string> Signs => [":kdump"];

    public override bool Line(in TextLine line, Facts facts)
    {
        var c = new TextCursor(line.Text);
        if (!c.SkipPast("avc:") || !c.SkipSpaces() || !c.Skip("denied") || !c.SkipPast("{ ") ||
            !c.Before(" }", out ReadOnlySpan<char> wanted) ||
            c.Rest.Contains("permissive=1", StringComparison.Ordinal))
            return false;
        ReadOnlySpan<char> rest = c.Rest;
        string subject = Type(Value(rest, " scontext="));
        string program = Value(rest, " comm=");
        if (!subject.StartsWith("kdump", StringComparison.Ordinal))
            return false;
        string path = Value(rest, " path=");
        facts.Add(new SelinuxDenial(line.ToSource(), wanted.ToString(), program, path.Length > 0 ? path : Value(rest, " name="),
            Type(Value(rest, " tcontext="))));
        return true;
    }

    private static string Value(ReadOnlySpan<char> text, string key)
    {
        var c = new TextCursor(text);
        if (!c.SkipPast(key))
            return "";
        if (c.Skip("\""))
            return c.Before("\"", out ReadOnlySpan<char> quoted) ? quoted.ToString() : "";
        return c.Word().ToString();
    }

    /// <summary>user:role:type:level</summary>
    private static string Type(string context) => context.Split(':') is { Length: >= 3 } parts ? parts[2] : "";
}
