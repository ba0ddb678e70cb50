using System.Buffers.Binary;
using System.Text.Json;

namespace Kdump.Formats.Elf;

/// <summary>
/// One entry of .note.dlopen: a library that the program opens by name while it runs, for which there is no DT_NEEDED (systemd's ELF
/// dlopen metadata specification; owner FDO, type 0x407c0c0a, JSON).
/// </summary>
/// <param name="Priority"><c>required</c>, <c>recommended</c> or <c>suggested</c>.</param>
/// <param name="Sonames">Names of libraries, any one of which is sufficient.</param>
public sealed record DlopenNote(string Feature, string Priority, IReadOnlyList<string> Sonames)
{
    private const uint Type = 0x407c0c0a;

    /// <summary>Maximum number of notes to read; a program has a few dozen.</summary>
    private const int MaxNotes = 256;

    /// <summary>Reads the entries in a PT_NOTE segment; other notes and damaged entries are skipped.</summary>
    internal static void Read(ReadOnlySpan<byte> notes, List<DlopenNote> found)
    {
        while (notes.Length >= 12 && found.Count < MaxNotes)
        {
            uint name = BinaryPrimitives.ReadUInt32LittleEndian(notes), length = BinaryPrimitives.ReadUInt32LittleEndian(notes[4..]),
                type = BinaryPrimitives.ReadUInt32LittleEndian(notes[8..]);
            long text = 12 + ((name + 3L) & ~3L), end = text + ((length + 3L) & ~3L);
            if (text + length > notes.Length)
                return;
            if (type == Type && name == 4 && notes[12..16].SequenceEqual("FDO\0"u8))
                Parse(notes.Slice((int)text, (int)length).TrimEnd((byte)0), found);
            notes = notes[(int)Math.Min(end, notes.Length)..];
        }
    }

    private static void Parse(ReadOnlySpan<byte> json, List<DlopenNote> found)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            string feature = "", priority = "recommended", property = "";
            var sonames = new List<string>();
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName)
                    property = reader.GetString()!;
                else if (reader.TokenType == JsonTokenType.String && property == "feature")
                    feature = reader.GetString()!;
                else if (reader.TokenType == JsonTokenType.String && property == "priority")
                    priority = reader.GetString()!;
                else if (reader.TokenType == JsonTokenType.String && property == "soname")
                    sonames.Add(reader.GetString()!);
                else if (reader.TokenType == JsonTokenType.EndObject)
                {
                    if (sonames.Count > 0 && found.Count < MaxNotes)
                        found.Add(new(feature, priority, sonames));
                    (feature, priority, sonames) = ("", "recommended", []);
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Ignore a note that is not JSON.
        }
    }
}
