namespace Kdump.Formats.Bytes;

/// <summary>Arguments that are not UTF-8: .NET decodes a program's arguments and loses such bytes, proc(5)'s cmdline has them.</summary>
public static class RawArguments
{
    /// <summary>Those with <c>\xNN</c> for each byte that is no UTF-8, as <see cref="RawNames"/> writes names; others as they
    /// are.</summary>
    public static string[] Of(string[] args)
    {
        if (!Array.Exists(args, a => a.Contains(RawNames.Mark)))
            return args;
        try
        {
            return Of(args, File.ReadAllBytes("/proc/self/cmdline"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return args;
        }
    }

    /// <param name="commandLine">The program, what its runtime took for itself, and the arguments, each ended by a zero byte.</param>
    public static string[] Of(string[] args, ReadOnlySpan<byte> commandLine)
    {
        var words = new List<byte[]>();
        while (commandLine.IndexOf((byte)0) is >= 0 and var end)
        {
            words.Add(commandLine[..end].ToArray());
            commandLine = commandLine[(end + 1)..];
        }
        int before = words.Count - args.Length;
        return before < 0 ? args : [.. args.Select((a, i) => a.Contains(RawNames.Mark) && RawNames.Escaped(words[before + i]) is { } whole
            ? whole : a)];
    }

    /// <summary>Those that name a file or folder in a form that .NET opens; not the name of a file to write.</summary>
    public static string[] Openable(string[] args, RawPaths raw) =>
        [.. args.Select((a, i) => RawPaths.IsOdd(a) && (i == 0 || args[i - 1] is not ("-o" or "--output")) ? raw.Openable(a) : a)];
}
