namespace Kdump.Diagnosis.Speakers;

/// <summary>
/// The command that somebody typed at a shell's prompt, or that a shell traced (<c>set -x</c>): the lines after it are from that
/// program, though they do not name it.
/// </summary>
public static class ShellPrompt
{
    /// <summary>The longest prompt: user, host and folder.</summary>
    private const int MaxPrompt = 80;

    private static readonly string[] Ahead = ["sudo", "time", "nice", "doas", "exec", "env", "nohup", "strace", "-E", "-n", "-i"];

    /// <summary><c>zipl</c> of <c>[root@t35 ~](0)# zipl -V</c>, <c>$ sudo zipl</c> and <c>+ zipl</c>; null for other lines.</summary>
    public static string? ProgramOf(ReadOnlySpan<char> line)
    {
        line = line.Trim();
        ReadOnlySpan<char> command = Command(line);
        while (!command.IsEmpty)
        {
            int blank = command.IndexOf(' ');
            ReadOnlySpan<char> word = blank < 0 ? command : command[..blank];
            command = blank < 0 ? default : command[(blank + 1)..].TrimStart();
            if (word.Contains('=') || IsAhead(word))
                continue;
            ReadOnlySpan<char> name = word[(word.LastIndexOf('/') + 1)..];
            return IsName(name) ? name.ToString() : null;
        }
        return null;
    }

    private static ReadOnlySpan<char> Command(ReadOnlySpan<char> line)
    {
        if (line.StartsWith("$ ", StringComparison.Ordinal))
            return line[2..].TrimStart();
        if (line.StartsWith("+", StringComparison.Ordinal))
            return line.TrimStart('+') is [' ', .. var traced] ? traced : default;
        // A bare # is a prompt only before a kdump tool or the like; otherwise a comment or a heading.
        if (line.StartsWith("# ", StringComparison.Ordinal))
            return OfTrade(line[2..].TrimStart()) ? line[2..].TrimStart() : default;
        ReadOnlySpan<char> head = line[..Math.Min(line.Length, MaxPrompt)];
        int end = head.IndexOf("# ", StringComparison.Ordinal) is >= 0 and var root ? root : head.IndexOf("$ ", StringComparison.Ordinal);
        if (end < 1 || line[end - 1] is not (']' or ')' or '~' or '/' or ' ') && !char.IsAsciiLetterOrDigit(line[end - 1]))
            return default;
        bool host = line[..end].Contains('@') && !line[..end].Contains(": ", StringComparison.Ordinal);
        return host ? line[(end + 2)..].TrimStart() : default;
    }

    private static bool OfTrade(ReadOnlySpan<char> command)
    {
        int blank = command.IndexOf(' ');
        ReadOnlySpan<char> word = blank < 0 ? command : command[..blank];
        var speaker = new Speaker(word[(word.LastIndexOf('/') + 1)..].ToString(), null, null, Program: true);
        return speaker.Kind.What is "crash handling" or "early boot" or "device manager" || TradeProgram.Of(speaker.Name) is not null;
    }

    private static bool IsAhead(ReadOnlySpan<char> word)
    {
        foreach (string ahead in Ahead)
        {
            if (word.SequenceEqual(ahead))
                return true;
        }
        return false;
    }

    private static bool IsName(ReadOnlySpan<char> name)
    {
        foreach (char c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-' or '.' or '+'))
                return false;
        }
        return name.Length > 1 && char.IsAsciiLetter(name[0]);
    }
}
