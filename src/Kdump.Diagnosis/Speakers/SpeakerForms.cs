using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Speakers;

/// <summary>
/// The formats in which drivers and programs name themselves: dev_err() writes driver and device (drivers/base/core.c), netdev_err()
/// driver, bus address and interface (net/core/dev.c), file systems their device in brackets, pr_fmt() a name and a colon, DRM its function
/// and module, syslog a tag with a process id.
/// </summary>
public static class SpeakerForms
{
    /// <summary>The longest head of a message that can be a name.</summary>
    private const int MaxHead = 80;

    public static Speaker Of(in TextLine line)
    {
        ReadOnlySpan<char> message = line.Kernel.Message;
        ReadOnlySpan<char> shown = message.TrimStart(' ');
        // Xorg.0.log has the kernel's form of a stamp and a level of its own.
        if (line.Kernel.Stamped && shown is ['(', >= 'A' and <= 'Z', >= 'A' and <= 'Z', ')', ' ', ..])
            return OfProgram("Xorg", shown[5..]);
        // What systemd prints on a console has no tag.
        if (shown.StartsWith("[FAILED] ", StringComparison.Ordinal) || shown.StartsWith("[DEPEND] ", StringComparison.Ordinal) ||
            shown.StartsWith("[ TIME ] ", StringComparison.Ordinal) || shown.Contains("FAILED^[[0m] ", StringComparison.Ordinal))
            return OfProgram("systemd", shown);
        // The message is the end of the line; the tag of a logger stands just before it.
        ReadOnlySpan<char> before = line.Text[..Math.Max(0, line.Text.Length - message.Length)].TrimEnd(' ');
        if (line.Kernel.Foreign && Tag(before) is { } tagged)
            return OfProgram(tagged, message);
        if (!line.Kernel.Stamped && Tag(Head(message)) is { } own && message.Contains("]:", StringComparison.Ordinal))
            return OfProgram(own, Behind(message));
        // An unknown prefix, up to the kernel's tag.
        if (!line.Kernel.Stamped && message[..Math.Min(100, message.Length)].IndexOf(" kernel: ",
            StringComparison.Ordinal) is > 0 and var tag0)
            message = message[(tag0 + " kernel: ".Length)..];
        else if (!line.Kernel.Stamped && message.Length > 8 && message[0] == '[' && message.IndexOf("] ",
            StringComparison.Ordinal) is > 4 and < 32 and var stamp)
            message = message[(stamp + 2)..];
        Speaker speaker = OfKernel(message);
        // Programs that write to /dev/kmsg appear in the kernel log with their own tag.
        return speaker.Program && Tag(speaker.Name + ":") is { } tag
            ? OfProgram(tag, Behind(message)) : speaker;
    }

    /// <summary>A kernel message without its prefix.</summary>
    public static Speaker OfKernel(ReadOnlySpan<char> message)
    {
        message = message.TrimStart(' ');
        if (message.StartsWith("[drm", StringComparison.Ordinal))
            return Drm(message);
        // {1}[Hardware Error]: of APEI, and the lines of a record behind it.
        if (message.Length > 4 && (message[0] == '{' || message.StartsWith("[Hardware Error]: ", StringComparison.Ordinal)))
            return new("APEI", null, null, Program: false);
        if (OfFunction(message) is { } function)
            return function;
        if (message[0..Math.Min(message.Length, 1)] is "[" && message.IndexOf("]: ") is > 0 and < 30 and var close)
            message = message[(close + 3)..];
        ReadOnlySpan<char> head = Head(message);
        // "[6:      swapper/0:    1]" behind a stamp that is torn: a CPU is no name.
        if (head.IsEmpty || (head.Length > 1 && head[0] == '[' && char.IsAsciiDigit(head[1])))
            return Unnamed(message);
        // A level (error, warning) is not the name of a speaker.
        if (IsLevel(head))
            return OfKernel(message[(head.Length + 1)..]);
        ReadOnlySpan<char> name = head;
        if (name.IndexOf('(') is > 0 and var open && name.EndsWith(")", StringComparison.Ordinal))
            return InBrackets(name, open, message);
        Span<Range> words = stackalloc Range[5];
        int count = name.Split(words, ' ', StringSplitOptions.RemoveEmptyEntries);
        if (count is 0 or > 4)
            return Unnamed(message);
        ReadOnlySpan<char> first = name[words[0]];
        if (PciAddress.TryParse(first.TrimEnd(':'), out PciAddress alone))
            return new("pci", count > 1 ? name[words[1]].ToString() : null, alone, Program: false);
        if (count > 1 && PciAddress.TryParse(name[words[1]].TrimEnd(':'), out PciAddress bdf))
            return new(first.ToString(), count > 2 ? name[words[2]].ToString() : ObjectBehind(message[(head.Length + 1)..]), bdf,
            Program: false);
        if (first is "audit" && message.IndexOf(" comm=\"", StringComparison.Ordinal) is > 0 and var comm)
        {
            ReadOnlySpan<char> program = message[(comm + " comm=\"".Length)..];
            return new(program[..Math.Max(0, program.IndexOf('"'))].ToString(), null, null, Program: true);
        }
        if (message[head.Length..].StartsWith(": page allocation failure", StringComparison.Ordinal))
            return new("page_alloc", first.ToString(), null, Program: false);
        if (count == 3 && Plain(first) && (SpeakerKinds.Find(first.ToString()) is not null ||
            (IsBusName(name[words[1]]) && Names(name[words[2]]))))
            return new(first.ToString(), name[words[2]].ToString(), null, Program: false);
        if (count > 2 || !Plain(first) || (count == 2 && !Names(name[words[1]]) && SpeakerKinds.Find(first.ToString()) is null))
            return Unnamed(message);
        if (count == 2)
            return new(first.ToString(), name[words[1]].TrimEnd(':').ToString(), null, Program: false);
        if (first.IndexOf('/') is > 0 and var slash && first[slash..].IndexOf(':') is > 0 and var at)
            return new(first[..slash].ToString(), first[(slash + at + 1)..].ToString(), null, Program: false);
        // An object in brackets or with numbers: sd 2:0:0:0: [sdc]; device-mapper: multipath: 253:4:; ata3.00:
        if (first[^1] == ']' && first.IndexOf('[') is > 1 and var id && AllDigits(first[(id + 1)..^1]))
            return new(first.ToString(), null, null, Program: true);
        // fsck.ext4, mkfs.xfs, mount.nfs: programs, named after what they work on.
        if (first.IndexOf('.') is > 3 and var dot && first[..dot] is "fsck" or "mkfs" or "mount" or "umount")
            return new(first.ToString(), null, null, Program: true);
        bool known = SpeakerKinds.Knows(first);
        string? about = Names(first) && !known ? first.ToString() : ObjectBehind(message[(head.Length + 1)..]) ?? Unnamed(message).Device;
        return new((known ? first : Letters(first)).ToString(), about, null, Program: false);
    }

    /// <summary>The unit that a message of systemd is about, or what else it names.</summary>
    private static Speaker OfProgram(string program, ReadOnlySpan<char> message)
    {
        string? unit = null;
        if (program == "systemd")
        {
            foreach (Range word in message.Split(' '))
            {
                ReadOnlySpan<char> w = message[word].Trim(".:,'\"");
                if (w.Length is > 5 and < 120 && IsUnit(w))
                {
                    unit = w.ToString();
                    break;
                }
            }
        }
        return new(program, unit, null, Program: true);
    }

    private static bool IsUnit(ReadOnlySpan<char> word) =>
        word.EndsWith(".service", StringComparison.Ordinal) || word.EndsWith(".mount", StringComparison.Ordinal) ||
        word.EndsWith(".device", StringComparison.Ordinal) || word.EndsWith(".socket", StringComparison.Ordinal) ||
        word.EndsWith(".target", StringComparison.Ordinal) || word.EndsWith(".swap", StringComparison.Ordinal);

    /// <summary>The last word before a message, without its process id: <c>kdumpctl</c> of <c>host kdumpctl[812]:</c>.</summary>
    private static string? Tag(ReadOnlySpan<char> before)
    {
        before = before.TrimEnd(": ");
        int start = before.LastIndexOf(' ') + 1;
        ReadOnlySpan<char> tag = before[start..];
        int bracket = tag.IndexOf('[');
        if (bracket > 0)
            tag = tag[..bracket];
        else if (bracket == 0)
            return null;
        if (tag.IndexOf('(') == 0 && tag.EndsWith(")", StringComparison.Ordinal))
            tag = tag[1..^1];
        if (tag.LastIndexOf('/') is >= 0 and var slash)
            tag = tag[(slash + 1)..];
        return tag.Length is > 1 and < 60 && char.IsAsciiLetter(tag[0]) ? tag.ToString() : null;
    }

    /// <summary><c>[drm:func [mod]] *ERROR* text</c>, <c>[drm] text</c>.</summary>
    private static Speaker Drm(ReadOnlySpan<char> message)
    {
        int close = message.IndexOf(']');
        int open = close < 0 ? -1 : message[1..close].IndexOf('[');
        return new(open > 0 ? message[(open + 2)..close].ToString() : "drm", null, null, Program: false);
    }

    /// <summary><c>[qede_link_update:2345(eth0)]words</c>: QLogic's drivers print function, line and interface, and no name.</summary>
    private static Speaker? OfFunction(ReadOnlySpan<char> message)
    {
        int shut = message.IndexOf(")]", StringComparison.Ordinal);
        if (shut is < 6 or > MaxHead || message[0] != '[')
            return null;
        ReadOnlySpan<char> place = message[1..shut];
        int at = place.IndexOf('('), colon = place.IndexOf(':'), line = place.TrimStart('_').IndexOf('_');
        if (colon < 2 || at < colon + 2 || line < 2 || !AllDigits(place[(colon + 1)..at]) || !Plain(place[..colon]))
            return null;
        ReadOnlySpan<char> device = place[(at + 1)..];
        return new(place.TrimStart('_')[..line].ToString(), Plain(device) ? device.ToString() : null, null, Program: false);
    }

    /// <summary><c>XFS (dm-3)</c>, <c>EXT4-fs error (device sda1)</c>, <c>BTRFS: error (device sdb1 state A)</c>.</summary>
    private static Speaker InBrackets(ReadOnlySpan<char> head, int open, ReadOnlySpan<char> message)
    {
        ReadOnlySpan<char> name = head[..open].Trim(' '), inside = head[(open + 1)..^1];
        if (inside.StartsWith("device ", StringComparison.Ordinal))
            inside = inside["device ".Length..];
        if (inside.IndexOf(' ') is > 0 and var blank)
            inside = inside[..blank];
        if (name.IndexOf(' ') is > 0 and var words)
            name = name[..words];
        name = name.TrimEnd(':');
        return name.IsEmpty || !Plain(name) ? Unnamed(message) : new(name.ToString(), inside.ToString(), null, Program: false);
    }

    /// <summary>A line without a name at its start; it may contain a device: <c>I/O error, dev sda, sector 12</c>.</summary>
    private static Speaker Unnamed(ReadOnlySpan<char> message)
    {
        foreach (string word in (ReadOnlySpan<string>)["on dev ", " dev ", "on device ", " device "])
        {
            int at = message.IndexOf(word, StringComparison.Ordinal);
            if (at < 0)
                continue;
            ReadOnlySpan<char> rest = message[(at + word.Length)..].TrimStart('\'');
            int end = 0;
            while (end < rest.Length && (char.IsAsciiLetterOrDigit(rest[end]) || rest[end] is '-' or '_' or '.' or ':' or '/'))
                end++;
            ReadOnlySpan<char> device = rest[..end].TrimEnd(".:");
            if (device.Length is > 1 and < 40 && (Names(device) || IsDisk(device)))
                return new("", device.ToString(), PciAddress.TryParse(device, out PciAddress bdf) ? bdf : null, Program: false);
        }
        return Speaker.Nobody;
    }

    private static bool IsLevel(ReadOnlySpan<char> head)
    {
        if (head is "E" or "W" or "N" or "I")
            return true;
        foreach (string level in (ReadOnlySpan<string>)["warning", "error", "info", "note", "debug", "fatal", "critical", "notice", "hint"])
        {
            if (head.Equals(level, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    private static bool IsDisk(ReadOnlySpan<char> name) => name.Length is > 2 and < 6 &&
        (name.StartsWith("sd", StringComparison.Ordinal) || name.StartsWith("hd", StringComparison.Ordinal) ||
        name.StartsWith("vd", StringComparison.Ordinal) || name.StartsWith("xvd", StringComparison.Ordinal));

    /// <summary>The text before the first colon that ends a name.</summary>
    private static ReadOnlySpan<char> Head(ReadOnlySpan<char> message)
    {
        ReadOnlySpan<char> part = message[..Math.Min(MaxHead, message.Length)];
        for (int at = 0; at < part.Length; at++)
        {
            int colon = part[at..].IndexOf(':');
            if (colon < 0)
                return default;
            at += colon;
            bool last = at + 1 == message.Length;
            if (!last && message[at + 1] != ' ')
                continue;
            // EXT4-fs error (device sda1): the colon before a bracket; BTRFS: error (device …): the one behind it.
            if (!last && part[at..].IndexOf("(device ", StringComparison.Ordinal) is > 0 and < 24 and var device &&
                part[(at + device)..].IndexOf(')') is > 0 and var end)
                return part[..(at + device + end + 1)];
            return part[..at];
        }
        return default;
    }

    private static ReadOnlySpan<char> Behind(ReadOnlySpan<char> message) =>
        message.IndexOf(": ", StringComparison.Ordinal) is >= 0 and var colon ? message[(colon + 2)..] : message;

    /// <summary>What follows the name and is an object of it: <c>[sdc]</c>, <c>multipath:</c>, <c>eth3:</c>, <c>MC0:</c>.</summary>
    private static string? ObjectBehind(ReadOnlySpan<char> rest)
    {
        rest = rest.TrimStart(' ');
        // "gfs2: fsid=cluster:data.0: words"
        if (rest.StartsWith("fsid=", StringComparison.Ordinal) && rest.IndexOf(": ", StringComparison.Ordinal) is > 6 and < MaxHead
            and var named)
            return rest["fsid=".Length..named].ToString();
        // "[bnx2x_nic_load:2727(eth0)]words": function, line and interface, as Broadcom's and QLogic's drivers print.
        if (rest.StartsWith("[", StringComparison.Ordinal) && rest.IndexOf(")]", StringComparison.Ordinal) is > 4 and < MaxHead
            and var shut)
        {
            ReadOnlySpan<char> place = rest[1..shut];
            int at = place.IndexOf('(');
            return at > 0 && place[..at].Contains(':') && Plain(place[(at + 1)..]) ? place[(at + 1)..].ToString() : null;
        }
        if (rest.Length > 3 && rest[0] == '[' && rest.IndexOf(']') is > 2 and < 24 and var close && Plain(rest[1..close]))
            return rest[1..close].ToString();
        int colon = rest[..Math.Min(24, rest.Length)].IndexOf(':');
        return colon > 1 && Plain(rest[..colon]) && Names(rest[..colon]) ? rest[..colon].ToString() : null;
    }

    /// <summary>A device of a board's tree or of an SoC's bus: <c>fe300000.ethernet</c>, <c>dpni.0</c>.</summary>
    private static bool IsBusName(ReadOnlySpan<char> word) => word.IndexOf('.') is > 1 and var dot && dot < word.Length - 1 &&
        Names(word) &&
        Plain(word);

    /// <summary>True if it has a digit or looks like a device name; words of a sentence do not.</summary>
    private static bool Names(ReadOnlySpan<char> word) => word.IndexOfAnyInRange('0', '9') >= 0 && !word.StartsWith("0x",
        StringComparison.Ordinal);

    private static bool AllDigits(ReadOnlySpan<char> text) => !text.IsEmpty && text.IndexOfAnyExceptInRange('0', '9') < 0;

    private static bool Plain(ReadOnlySpan<char> word)
    {
        foreach (char c in word)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-' or '.' or ':' or '/' or '@' or '[' or ']' or '#'))
                return false;
        }
        return !word.IsEmpty;
    }

    /// <summary><c>ata</c> of <c>ata3.00</c>; names that end in letters stay whole.</summary>
    private static ReadOnlySpan<char> Letters(ReadOnlySpan<char> word)
    {
        ReadOnlySpan<char> name = word.TrimEnd("0123456789.:-");
        return name.Length < 2 ? word : name;
    }
}
