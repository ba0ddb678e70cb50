using System.Text.Json;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.ProbeReports;
using Kdump.Diagnosis.Text;
using Kdump.Sources.Inputs;
using Kdump.Sources.Machines;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Cases;

/// <summary>Everything a user gave, recognised by content and turned into facts.</summary>
public sealed class Case
{
    /// <summary>Files of one folder that are read; a whole file system given by mistake must not be walked for hours.</summary>
    private const int MaxFiles = 10_000;

    /// <summary>Bytes of a report that are read.</summary>
    private const int MaxReport = 64 << 20;

    private readonly Func<Stream> standardInput;
    private readonly List<CaseInput> inputs = [];

    private Case(Func<Stream> standardInput) => this.standardInput = standardInput;

    public IReadOnlyList<CaseInput> Inputs => inputs;

    public Facts Facts { get; } = new();

    /// <summary>Reads paths (files, folders, <c>-</c>) in an order of our own, so that the user's order changes nothing.</summary>
    public static Case Read(IEnumerable<string> paths, Func<Stream> standardInput)
    {
        var result = new Case(standardInput);
        var files = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string path in paths.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            if (path != "-" && RootArgument.IsArchive(path))
                result.inputs.Add(new(path, "archive", RootArgument.Unpack, Unreadable: true));
            else if (path != "-" && CollectedMachine.Is(path))
                result.ReadMachine(new MachineTree(path), path);
            else
                files.UnionWith(result.Expand(path));
        }
        var seen = new Copies();
        foreach (string path in files.Take(MaxFiles))
        {
            // A log that somebody copied tells nothing new, and what is counted must not be counted twice.
            if (seen.Of(path) is { } first)
                result.inputs.Add(new(path, "copy", $"the same as {first}: read once"));
            else
                result.ReadFile(path, path);
        }
        return result;
    }

    /// <summary>
    /// A collection of kdt host collect: its texts, and what its attributes say. All of it is one running machine, not a crash kernel.
    /// </summary>
    private void ReadMachine(MachineTree root, string path)
    {
        foreach (string text in CollectedMachine.Texts(root))
            ReadFile(path.TrimEnd('/') + text, root.Real(text));
        Facts.Boot = new Boot(path, 0);
        CollectedMachine.Read(root, Facts);
        inputs.Add(new(path, "collected machine", null));
    }

    private IEnumerable<string> Expand(string path)
    {
        if (path == "-" || !Directory.Exists(path))
            return [path];
        try
        {
            // Links to folders are not followed: a tree of /sys has cycles of them. What is no plain file (pipes, devices) is left out.
            string[] files = Directory.EnumerateFiles(path, "*", new EnumerationOptions
            {
                RecurseSubdirectories = true,
                AttributesToSkip = FileAttributes.ReparsePoint,
                MaxRecursionDepth = 16,
                IgnoreInaccessible = true,
            }).Where(f => FileKind.Refusal(f) is null).Take(MaxFiles + 1).ToArray();
            if (files.Length > MaxFiles)
                inputs.Add(new(path, "folder", $"only {MaxFiles} of its files were read"));
            else if (files.Length == 0)
                inputs.Add(new(path, "folder", "no readable file in it", Unreadable: true));
            return files.Take(MaxFiles);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            inputs.Add(new(path, "folder", ReasonOf(e, path), Unreadable: true));
            return [];
        }
    }

    private void ReadFile(string path, string file)
    {
        if (file != "-" && FileKind.Refusal(file) is string refusal)
        {
            inputs.Add(new(path, "not read", refusal, Unreadable: true));
            return;
        }
        try
        {
            using Stream stream = file == "-" ? standardInput()
                : new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            inputs.Add(ReadStream(path == "-" ? "(standard input)" : path, stream, unpacked: false));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            inputs.Add(new(path, "not read", ReasonOf(e, file), Unreadable: true));
        }
    }

    private CaseInput ReadStream(string path, Stream stream, bool unpacked)
    {
        var head = new byte[4096];
        int length = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        if (length == 0)
            return new(path, "empty", "nothing in it");
        ReadOnlyMemory<byte> first = head.AsMemory(0, length);
        if (Magic.Of(first.Span) is { } magic)
        {
            // One that lies in an archive is not there any more when its pages are wanted.
            return magic.Kind == Magic.Vmcore && stream is FileStream file && file.Name == Path.GetFullPath(path) && !unpacked
                ? VmcoreInput.Read(path, Facts, ReadLines)
                : new(path, magic.Kind, magic.Note, Unknown: true);
        }
        if (OwnVerdict.Is(first.Span))
            return new(path, "verdict of kdt", "no evidence: not read", Unknown: true);
        using var whole = new Prepended(first, stream);
        if (!unpacked && Magic.IsGzip(first.Span))
        {
            using CappedText.Capped text = CappedText.Unpack(whole);
            CaseInput input = ReadStream(path, text, unpacked: true);
            return text.Note is null ? input with { Kind = $"{input.Kind} (gzip)" }
                : input with { Kind = $"{input.Kind} (gzip)", Note = Joined(input.Note, text.Note) };
        }
        if (Magic.IsProbeReport(first.Span))
            return ReadReport(path, whole);
        if (Magic.Utf16(first.Span) is bool bigEndian)
        {
            using Stream utf8 = CappedText.FromUtf16(whole, bigEndian);
            return ReadLines(path, utf8);
        }
        return ReadLines(path, whole);
    }

    private CaseInput ReadReport(string path, Stream stream)
    {
        const string kind = "report of kdump-probe";
        try
        {
            // A report of a machine with thousands of functions has some megabytes; beyond the cap it is torn and says so.
            using var text = new CappedText.Capped(stream, MaxReport);
            using JsonDocument json = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 16 });
            return ProbeReportJson.Read(json.RootElement, path, Facts) ? new(path, kind)
                : new(path, "JSON", "not a report of kdump-probe", Unknown: true);
        }
        catch (JsonException e)
        {
            return new(path, kind, $"damaged in line {e.LineNumber + 1}: nothing was read from it", Unknown: true);
        }
    }

    private CaseInput ReadLines(string path, Stream stream)
    {
        Facts.Boot = new Boot(path, 0);
        var reader = new CarrierReader(new LineReader(path, stream));
        var parsers = new LineParsers(TextParsers.Create());
        while (reader.Next(out TextLine line))
        {
            parsers.Line(line, Facts);
            // One empty line ends a table as well as a million do.
            if (line.Text.IsEmpty)
                reader.SkipEmptyLines();
        }
        parsers.End(Facts);
        long[] taken = parsers.Taken;
        int most = Array.IndexOf(taken, taken.Max());
        if (taken[most] == 0)
            return reader.Binary ? new(path, "binary", "no known format: nothing was read from it", Unknown: true)
                : new(path, "text", "nothing in it that is known here", Unknown: true);
        string[] others = parsers.All.Where((_, i) => i != most && taken[i] > 0).Select(p => p.Kind).Where(k => k != parsers.All[most].Kind)
            .Distinct(StringComparer.Ordinal).ToArray();
        return new(path, parsers.All[most].Kind, others.Length == 0 ? null : $"also {string.Join(", ", others)}");
    }

    private static string Joined(string? a, string b) => a is null ? b : $"{a}; {b}";

    /// <summary>The system's reason without the path, which stands before it anyway.</summary>
    private static string ReasonOf(Exception e, string path) => e switch
    {
        FileNotFoundException or DirectoryNotFoundException => "there is no such file",
        UnauthorizedAccessException => "no permission to read it",
        _ => e.Message.Replace($" : '{Path.GetFullPath(path.Length == 0 ? "." : path)}'", "", StringComparison.Ordinal),
    };
}
