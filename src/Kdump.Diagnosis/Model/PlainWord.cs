namespace Kdump.Diagnosis.Model;

/// <summary>A name out of a log that may stand in a command: no shell takes it for anything but a word.</summary>
public static class PlainWord
{
    public static bool Is(string text) => text.Length > 0 && text[0] != '-' &&
        text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '/' or ':' or '@' or '+' or '-' or ',' or '=');
}
