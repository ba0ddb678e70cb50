namespace Kdump.Diagnosis.Model;

/// <summary>Checks whether a name from a log is safe in a command: every shell treats it as one plain word.</summary>
public static class PlainWord
{
    public static bool Is(string text) => text.Length > 0 && text[0] != '-' &&
        text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '/' or ':' or '@' or '+' or '-' or ',' or '=');
}
