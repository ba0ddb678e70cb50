using System.Text;
using Kdump.Formats.Bytes;

namespace Kdump.Formats.Elf;

/// <summary>
/// Walks a blob of ELF notes. Notes of Linux dumps are aligned to 4 bytes in 64-bit files, too (fs/proc/vmcore.c), contrary to the ELF
/// specification. A note whose size exceeds the blob ends the walk, because the start of the next note is not known.
/// </summary>
public static class ElfNotes
{
    /// <summary>Maximum number of notes: more than any machine has CPUs and devices. An empty note has 12 bytes.</summary>
    private const int MaxNotes = 1 << 17;

    /// <summary>Maximum length of a name in bytes; names in use have at most 11 letters (VMCOREINFO).</summary>
    private const int MaxName = 256;

    public static IReadOnlyList<ElfNote> Read(ReadOnlyMemory<byte> blob, string input, bool bigEndian, ICollection<Damage> damages)
    {
        List<ElfNote> notes = [];
        Cursor c = new(blob.Span, $"{input} notes", 0, bigEndian);
        try
        {
            while (c.Remaining >= 12 && notes.Count < MaxNotes)
            {
                int start = c.Position;
                uint nameSize = c.U32("n_namesz");
                uint descriptionSize = c.U32("n_descsz");
                uint type = c.U32("n_type");
                // The kernel reserves room for CPUs that never wrote their note: a header of zeros, without name and descriptor.
                if (nameSize == 0 && descriptionSize == 0 && type == 0)
                    continue;
                if (nameSize > MaxName)
                    throw new InputException(c.Input, "n_namesz", start, $"{nameSize} is longer than any name ({MaxName})");
                ReadOnlySpan<byte> name = c.Bytes((int)nameSize, "n_name");
                string text = Encoding.ASCII.GetString(name[..(name.IndexOf((byte)0) is var end and >= 0 ? end : name.Length)]);
                c.Skip(Math.Min(Padding(nameSize), c.Remaining), "n_name");
                if (descriptionSize > (uint)c.Remaining)
                    throw new InputException(c.Input, "n_descsz", start + 4,
                        $"{text}: {descriptionSize} bytes are claimed, {c.Remaining} left");
                int at = c.Position;
                c.Skip((int)descriptionSize, "n_desc");
                notes.Add(new ElfNote(text, type, blob.Slice(at, (int)descriptionSize), start));
                c.Skip(Math.Min(Padding(descriptionSize), c.Remaining), "n_desc");
            }
        }
        catch (InputException e)
        {
            damages.Add(Damage.From(e));
        }
        return notes;
    }

    private static int Padding(uint size) => (int)(-size & 3);
}
