using Kdump.Diagnosis;
using Kdump.Diagnosis.Evidence;

namespace Kdump.Cli.Collect;

/// <summary>Everything a user gave, recognised by content and turned into facts.</summary>
public sealed class Case
{
    /// <summary>Files of one folder that are read; a whole file system given by mistake must not be walked for hours.</summary>
    private const int MaxFiles = 10_000;

    private readonly Func<Stream> standardInput;
    private readonly List<CaseInput> inputs = [];

    private Case(Func<Stream> standardInput) => this.standardInput = standardInput;

    public IReadOnlyList<CaseInput> Inputs => inputs;

    public Facts Facts { get; } = new();

    /// <summary>Reads paths (files, folders, <c>-</c>) in an order of our own, so that the user's order changes nothing.</summary>
    public static Case Read(IEnumerable<string> paths, Func<Stream> standardInput)
    {
        var result = new Case(standardInput);
        foreach (string path in paths.SelectMany(result.Expand).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(MaxFiles))
            result.ReadFile(path);
        return result;
    }

    private IEnumerable<string> Expand(string path)
    {
        if (path == "-" || !Directory.Exists(path))
            return [path];
        try
        {
            // Links to folders are not followed: a tree of /sys has cycles of them.
            return Directory.EnumerateFiles(path, "*", new EnumerationOptions
            {
                RecurseSubdirectories = true,
                AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Device,
                MaxRecursionDepth = 16,
                IgnoreInaccessible = true,
            }).Take(MaxFiles).ToArray();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            inputs.Add(new(path, "unknown", e.Message, Unreadable: true));
            return [];
        }
    }

    private void ReadFile(string path)
    {
        try
        {
            using Stream stream = path == "-" ? standardInput() : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            inputs.Add(ReadStream(path, stream));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            inputs.Add(new(path, "unknown", e.Message, Unreadable: true));
        }
    }

    private CaseInput ReadStream(string path, Stream stream)
    {
        var head = new byte[4096];
        int length = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        if (length == 0)
            return new(path, "empty", "nothing in it");
        if (Magic.Of(head.AsSpan(0, length)) is { } magic)
            return new(path, magic.Kind, magic.Note);
        Facts.Boot = new Boot(path, 0);
        var reader = new LineReader(path, new Prepended(head.AsMemory(0, length), stream));
        LineParser[] parsers = TextParsers.Create();
        var taken = new long[parsers.Length];
        while (reader.Next(out TextLine line))
        {
            for (int i = 0; i < parsers.Length; i++)
            {
                if (parsers[i].Line(line, Facts))
                    taken[i]++;
            }
        }
        foreach (LineParser parser in parsers)
            parser.End(Facts);
        int most = Array.IndexOf(taken, taken.Max());
        if (taken[most] > 0)
            return new(path, parsers[most].Kind);
        return reader.Binary ? new(path, "binary", "no known format: not read") : new(path, "text", "nothing in it that is known here");
    }
}
