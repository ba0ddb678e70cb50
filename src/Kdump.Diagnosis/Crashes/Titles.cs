using System.Text;

namespace Kdump.Diagnosis.Crashes;

/// <summary>
/// Takes out of a title what differs between two runs of the same crash: addresses, numbers, process names, places in files.
/// </summary>
internal static class Titles
{
    private const int MaxLength = 120;

    public static string Normalise(string title)
    {
        string text = Processes(title);
        text = Addresses(text);
        text = IpAddresses(text);
        text = Lines(text);
        text = Offsets(text);
        text = Cpus(text);
        text = Numbers(text);
        return Printable(LongNumbers(text));
    }

    /// <summary>Fuzzing machines name their processes by number.</summary>
    private static string Processes(string text)
    {
        foreach (string name in new[] { "syz-executor", "syzkaller" })
        {
            for (int at = text.IndexOf(name, StringComparison.Ordinal); at >= 0; at = Next(text, name, at + name.Length))
            {
                int end = at + name.Length;
                if (name[3] == '-' && end + 1 < text.Length && text[end] == '.' && char.IsAsciiDigit(text[end + 1]))
                    end++;
                int digits = Digits(text, end);
                if (digits == end)
                    continue;
                end = digits;
                if (end + 1 < text.Length && text[end] is '/' or ':' && char.IsAsciiDigit(text[end + 1]))
                    end = Digits(text, end + 1);
                text = string.Concat(text.AsSpan(0, at + name.Length), text.AsSpan(end));
            }
        }
        return text;
    }

    /// <summary>Six hexadecimal digits or more, behind what is no letter or digit.</summary>
    private static string Addresses(string text)
    {
        var to = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            to.Append(text[i]);
            if (char.IsAsciiLetterOrDigit(text[i]))
                continue;
            int start = i + 1;
            if (start + 1 < text.Length && text[start] == '0' && text[start + 1] == 'x')
                start += 2;
            int end = Hex(text, start);
            if (end - start < 6)
            {
                start = i + 1;
                end = Hex(text, start);
            }
            if (end - start < 6)
                continue;
            to.Append("ADDR");
            i = end - 1;
        }
        return to.ToString();
    }

    private static string IpAddresses(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            int end = i;
            int part = 0;
            for (; part < 4; part++)
            {
                int digits = Math.Min(Digits(text, end), end + 3);
                if (digits == end || (part < 3 && (digits >= text.Length || text[digits] != '.')))
                    break;
                end = part < 3 ? digits + 1 : digits;
            }
            if (part == 4)
                text = string.Concat(text.AsSpan(0, i), "IP", text.AsSpan(end));
        }
        return text;
    }

    /// <summary><c>.c:123:45</c> becomes <c>.c:LINE</c>.</summary>
    private static string Lines(string text)
    {
        for (int colon = text.IndexOf(':'); colon >= 0; colon = Next(text, ":", colon + 1))
        {
            int start = colon;
            while (start > 0 && IsWord(text[start - 1]))
                start--;
            int end = Digits(text, colon + 1);
            if (start == colon || start == 0 || text[start - 1] != '.' || end == colon + 1)
                continue;
            while (end < text.Length && text[end] == ':' && Digits(text, end + 1) > end + 1)
                end = Digits(text, end + 1);
            text = string.Concat(text.AsSpan(0, colon), ":LINE", text.AsSpan(end));
        }
        return text;
    }

    /// <summary><c>f+0x1/0x2</c> becomes <c>f</c>.</summary>
    private static string Offsets(string text)
    {
        for (int plus = text.IndexOf("+0x", StringComparison.Ordinal); plus >= 0; plus = Next(text, "+0x", plus + 1))
        {
            int slash = AlphaNumerics(text, plus + 3);
            if (plus == 0 || !IsWord(text[plus - 1]) || slash == plus + 3 || !text.AsSpan(slash)
                .StartsWith("/0x", StringComparison.Ordinal))
                continue;
            int end = AlphaNumerics(text, slash + 3);
            if (end > slash + 3)
                text = string.Concat(text.AsSpan(0, plus), text.AsSpan(end));
        }
        return text;
    }

    private static string Cpus(string text)
    {
        for (int at = text.IndexOf("CPU#", StringComparison.Ordinal); at >= 0; at = Next(text, "CPU#", at + 3))
        {
            int end = Digits(text, at + 4);
            if (end > at + 4)
                text = string.Concat(text.AsSpan(0, at + 3), text.AsSpan(end));
        }
        return text;
    }

    /// <summary>Decimal numbers that stand alone.</summary>
    private static string Numbers(string text)
    {
        var to = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length;)
        {
            int end = Digits(text, i);
            if (end > i && i > 0 && !IsWord(text[i - 1]) && (end == text.Length || !IsWord(text[end])))
                to.Append("NUM");
            else if (end > i)
                to.Append(text, i, end - i);
            else
                to.Append(text[end++]);
            i = end;
        }
        return to.ToString();
    }

    private static string LongNumbers(string text)
    {
        var to = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length;)
        {
            int end = Digits(text, i);
            if (end - i >= 7)
                to.Append("NUM");
            else if (end > i)
                to.Append(text, i, end - i);
            else
                to.Append(text[end++]);
            i = end;
        }
        return to.ToString();
    }

    private static string Printable(string text)
    {
        var to = new StringBuilder(MaxLength);
        char previous = ' ';
        foreach (char c in text.Length > MaxLength ? text[..MaxLength] : text)
        {
            char shown = c == '\t' ? ' ' : c;
            if (shown is < ' ' or >= '\x7f' || (shown == ' ' && previous == ' '))
                continue;
            to.Append(shown);
            previous = shown;
        }
        return to.ToString().Trim();
    }

    /// <summary>The part that was taken out may have been the end of the text.</summary>
    private static int Next(string text, string value, int from) =>
        from >= text.Length ? -1 : text.IndexOf(value, from, StringComparison.Ordinal);

    private static bool IsWord(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';

    private static int Digits(string text, int from)
    {
        while (from < text.Length && char.IsAsciiDigit(text[from]))
            from++;
        return from;
    }

    /// <summary>Kernel addresses are printed in lower case.</summary>
    private static int Hex(string text, int from)
    {
        while (from < text.Length && (char.IsAsciiDigit(text[from]) || text[from] is >= 'a' and <= 'f'))
            from++;
        return from;
    }

    private static int AlphaNumerics(string text, int from)
    {
        while (from < text.Length && (char.IsAsciiDigit(text[from]) || char.IsAsciiLetterLower(text[from])))
            from++;
        return from;
    }
}
