using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.DumpSetup;

/// <summary>
/// What dracut left in an image about how it was built and what it waits for: build-parameter.txt (the arguments, quoted), and
/// hooks/initqueue/finished/devexists-*.sh (<c>[ -e "/dev/…" ]</c>).
/// </summary>
public static class DracutParameters
{
    /// <summary>The targets of <c>--mount '/dev/… /kdumproot ext4 defaults'</c> and <c>--device /dev/…</c>.</summary>
    public static void BuildArguments(in TextLine line, Facts facts)
    {
        List<string> words = Words(line.Text);
        for (int i = 0; i < words.Count; i++)
        {
            string? value = Argument(words, ref i, "--mount");
            if (value is not null)
            {
                var c = new TextCursor(value);
                string what = c.Word().ToString(), where = c.Word().ToString(), type = c.Word().ToString();
                if (Fstab.TargetOf(line.ToSource(), what, where, type) is { } target)
                    facts.Add(target);
            }
            else if (Argument(words, ref i, "--device") is string device)
                facts.Add(new DumpTarget(line.ToSource(), TargetKind.Wait, device, "", ""));
        }
    }

    /// <summary>The path inside <c>[ -e "…" ]</c>.</summary>
    public static void DeviceExists(in TextLine line, Facts facts)
    {
        var c = new TextCursor(line.Text);
        if (!c.SkipPast("-e "))
            return;
        c.SkipSpaces();
        ReadOnlySpan<char> path = c.Rest;
        if (c.Skip("\""))
            path = c.Before("\"", out ReadOnlySpan<char> quoted) ? quoted : c.Rest;
        else if (c.Skip("'"))
            path = c.Before("'", out ReadOnlySpan<char> quoted) ? quoted : c.Rest;
        else
            path = c.Word();
        if (path.StartsWith("/dev/", StringComparison.Ordinal))
            facts.Add(new DumpTarget(line.ToSource(), TargetKind.Wait, path.ToString(), "", ""));
    }

    /// <summary><c>--name value</c> or <c>--name=value</c> at i; steps over the value.</summary>
    private static string? Argument(List<string> words, ref int i, string name)
    {
        if (words[i].StartsWith(name, StringComparison.Ordinal) && words[i].Length > name.Length && words[i][name.Length] == '=')
            return words[i][(name.Length + 1)..];
        return words[i] == name && i + 1 < words.Count ? words[++i] : null;
    }

    /// <summary>Words as a shell would split them, single and double quotes kept together.</summary>
    private static List<string> Words(ReadOnlySpan<char> text)
    {
        var words = new List<string>();
        var word = new System.Text.StringBuilder();
        char quote = '\0';
        bool any = false;
        foreach (char c in text)
        {
            if (quote != '\0' ? c == quote : c is '\'' or '"')
            {
                quote = quote == '\0' ? c : '\0';
                any = true;
            }
            else if (quote == '\0' && c is ' ' or '\t')
            {
                if (any)
                    words.Add(word.ToString());
                word.Clear();
                any = false;
            }
            else
            {
                word.Append(c);
                any = true;
            }
        }
        if (any)
            words.Add(word.ToString());
        return words;
    }
}
