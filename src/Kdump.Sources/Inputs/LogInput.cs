using Kdump.Diagnosis.Crashes;
using Kdump.Formats.Bytes;

namespace Kdump.Sources.Inputs;

/// <summary>Reads one kernel log from a file, also if it is compressed.</summary>
/// <param name="Log">Null where it was refused.</param>
/// <param name="Refusal">Why it was refused; null for a log.</param>
/// <param name="Note">A note about reading problems.</param>
public sealed record LogInput(LogReading? Log, string? Refusal, string? Note = null)
{
    /// <param name="path">A file, or <c>-</c> for <paramref name="standardInput"/>.</param>
    public static LogInput Read(string path, string name, Func<Stream> standardInput)
    {
        try
        {
            if (path != "-" && Directory.Exists(path))
                return new(null, "a folder: give one log, or use kdt explain");
            using OpenInput input = OpenInput.OpenText(path, standardInput);
            if (Magic.Of(input.Kind) is { } magic)
                return new(null, $"{magic.Kind}: {magic.Note}");
            LogReading log = LogReading.Of(name, input.Content, TextParsers.Create());
            return log is { Binary: true, Boots.Count: 0 } ? new(null, "binary data of no known format") : new(log, null, input.Note);
        }
        catch (InputException e)
        {
            return new(null, e.Reason);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new(null, FileKind.ReasonOf(e, path));
        }
    }

    /// <summary>
    /// Passes the text of a log, decompressed, to <paramref name="read"/>; for callers that need its lines and not a reading.
    /// </summary>
    /// <param name="note">What of it could not be read; null where nothing is known to be missing.</param>
    /// <returns>Why the file is no log; null when it was read.</returns>
    public static string? Open(string path, Func<Stream> standardInput, Action<Stream> read, out string? note)
    {
        note = null;
        try
        {
            if (path != "-" && Directory.Exists(path))
                return "a folder: give one log";
            using OpenInput input = OpenInput.OpenText(path, standardInput);
            if (Magic.Of(input.Kind) is { } magic)
                return $"{magic.Kind}: {magic.Note}";
            read(input.Content);
            note = input.Note;
            return null;
        }
        catch (InputException e)
        {
            return e.Reason;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return FileKind.ReasonOf(e, path);
        }
    }
}
