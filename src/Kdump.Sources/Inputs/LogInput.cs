using Kdump.Diagnosis.Crashes;

namespace Kdump.Sources.Inputs;

/// <summary>One kernel log out of a file, however it is packed.</summary>
/// <param name="Log">Null where it was refused.</param>
/// <param name="Refusal">Why it is no log; null for one.</param>
/// <param name="Note">What is worth knowing of how it was read.</param>
public sealed record LogInput(LogReading? Log, string? Refusal, string? Note = null)
{
    /// <param name="path">A file, or <c>-</c> for <paramref name="standardInput"/>.</param>
    public static LogInput Read(string path, string name, Func<Stream> standardInput)
    {
        try
        {
            if (path != "-" && (Directory.Exists(path) ? "a folder: give one log, or use kdt explain"
                : FileKind.Refusal(path)) is string refusal)
                return new(null, refusal);
            using Stream stream = path == "-" ? standardInput()
                : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            LogInput input = Read(name, stream);
            return input.Log is { Binary: true, Boots.Count: 0 } ? new(null, "binary data of no known format") : input;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            return new(null, e.Message);
        }
    }

    /// <summary>The text of a log, however it is packed, for whoever wants its lines and not its reading; says why it is none.</summary>
    public static string? Open(string path, Func<Stream> standardInput, Action<Stream> read)
    {
        try
        {
            if (path != "-" && (Directory.Exists(path) ? "a folder: give one log" : FileKind.Refusal(path)) is string refusal)
                return refusal;
            using Stream stream = path == "-" ? standardInput()
                : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            return Unpacked(stream, read);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            return e.Message;
        }
    }

    private static LogInput Read(string name, Stream stream)
    {
        LogReading? log = null;
        string? note = null;
        string? refusal = Unpacked(stream, text =>
        {
            log = LogReading.Of(name, text, TextParsers.Create());
            note = (text as CappedText.Capped)?.Note;
        });
        return new(log, refusal, note);
    }

    private static string? Unpacked(Stream stream, Action<Stream> read)
    {
        var head = new byte[4096];
        ReadOnlyMemory<byte> first = head.AsMemory(0, stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false));
        using var whole = new Prepended(first, stream);
        if (Magic.IsGzip(first.Span))
        {
            using CappedText.Capped text = CappedText.Unpack(whole);
            read(text);
            return null;
        }
        if (Magic.Of(first.Span) is { } magic)
            return $"{magic.Kind}: {magic.Note}";
        if (Magic.Utf16(first.Span) is not bool bigEndian)
        {
            read(whole);
            return null;
        }
        using Stream utf8 = CappedText.FromUtf16(whole, bigEndian);
        read(utf8);
        return null;
    }
}
