namespace Kdump.Formats.Bytes;

/// <summary>
/// Command-line arguments that are not UTF-8. .NET decodes the arguments and loses such bytes; /proc/self/cmdline (proc(5)) contains them
/// unchanged.
/// </summary>
public static class RawArguments
{
    /// <summary>
    /// The arguments, with <c>\xNN</c> for each byte that is not UTF-8, in the form of <see cref="RawNames"/>; arguments that are UTF-8
    /// stay unchanged.
    /// </summary>
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

    /// <param name="commandLine">The program, arguments that its runtime removed, and the arguments in <paramref name="args"/>, each
    /// ended by a zero byte.</param>
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

    /// <summary>
    /// The arguments, in which paths of files and folders are replaced by paths that .NET can open. The path of an output file is not
    /// replaced.
    /// </summary>
    public static string[] Openable(string[] args, RawPaths raw) =>
        [.. args.Select((a, i) => RawPaths.IsOdd(a) && (i == 0 || args[i - 1] is not ("-o" or "--output")) ? raw.Openable(a) : a)];
}
