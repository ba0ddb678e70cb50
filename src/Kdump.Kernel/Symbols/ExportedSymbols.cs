using System.Buffers.Binary;
using System.Text;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;

namespace Kdump.Kernel.Symbols;

/// <summary>
/// The symbols that a kernel exports to modules (__ksymtab and __ksymtab_gpl): including data, even if kallsyms contains only functions
/// (without CONFIG_KALLSYMS_ALL). An entry has three words, each relative to its own address, since Linux commit 7290d5809571 ("module:
/// use relative references for __ksymtab entries") (v4.19; the third, the namespace, since v5.4): value, name, namespace.
/// </summary>
internal sealed class ExportedSymbols
{
    /// <summary>
    /// Maximum number of symbols, and of bytes in a name. A kernel exports about 30,000 symbols; each table is sorted by name.
    /// </summary>
    private const int Most = 200_000, LongestName = 256;

    private static readonly int[] Sizes = [12, 8];

    private readonly byte[] image;
    private readonly ulong start;
    private readonly Dictionary<string, VirtualAddress> found = new(StringComparer.Ordinal);

    private ExportedSymbols(byte[] image, ulong start) => (this.image, this.start) = (image, start);

    public int Count => found.Count;

    public VirtualAddress? Find(string name) => found.TryGetValue(name, out VirtualAddress at) ? at : null;

    /// <param name="known">Names that every kernel exports; the tables are found by them.</param>
    public static ExportedSymbols Load(KernelMemory memory, VirtualAddress from, params string[] known)
    {
        byte[] bytes = new byte[memory.Image.LengthFrom(from)];
        int there = 0, outside = 0;
        for (int at = 0; at + KernelMemory.BlockPage <= bytes.Length && outside <= ImageRoom.MaxOutside; at += KernelMemory.BlockPage)
        {
            bool present = memory.TryRead(from + at, bytes.AsSpan(at, KernelMemory.BlockPage));
            outside = present ? 0 : outside + (memory.Translate(from + at, out _) == MemoryState.Unmapped ? 1 : 0);
            if (present)
                there = at + KernelMemory.BlockPage;
            else
                bytes.AsSpan(at, KernelMemory.BlockPage).Clear();
        }
        ExportedSymbols symbols = new(bytes[..there], from.Value);
        foreach (string name in known)
            symbols.Around(name);
        return symbols;
    }

    /// <summary>Reads the table that contains a name: from the entry of that name in both directions.</summary>
    private void Around(string name)
    {
        if (found.ContainsKey(name))
            return;
        // The linker may store a name as the end of a longer one.
        byte[] wanted = [.. Encoding.ASCII.GetBytes(name), 0];
        HashSet<int> places = [];
        for (int at = 0; image.AsSpan(at).IndexOf(wanted) is >= 0 and var next; at += next + 1)
            places.Add(at + next);
        if (places.Count == 0)
            return;
        for (int word = 4; word + 4 <= image.Length; word += 4)
        {
            if (!places.Contains(unchecked(word + Word(word))))
                continue;
            foreach (int size in Sizes)
            {
                if (Entry(word - 4) is null || (Entry(word - 4 - size) is null && Entry(word - 4 + size) is null))
                    continue;
                Take(word - 4, size);
                return;
            }
        }
    }

    private void Take(int entry, int size)
    {
        int first = entry;
        while (Entry(first - size) is { } before && string.CompareOrdinal(before.Name, Entry(first)!.Value.Name) <= 0)
            first -= size;
        for (int at = first; found.Count < Most && Entry(at) is { } one; at += size)
        {
            // The other table may follow directly, again sorted from the start of the alphabet; its entries are valid, too.
            found.TryAdd(one.Name, new VirtualAddress(unchecked(start + (ulong)one.Value)));
        }
    }

    private (string Name, long Value)? Entry(int at)
    {
        if (at < 0 || at + 8 > image.Length)
            return null;
        int name = unchecked(at + 4 + Word(at + 4));
        if (name <= 0 || name >= image.Length)
            return null;
        ReadOnlySpan<byte> text = image.AsSpan(name, Math.Min(LongestName, image.Length - name));
        int length = text.IndexOf((byte)0);
        if (length <= 0)
            return null;
        foreach (byte b in text[..length])
        {
            if (!char.IsAsciiLetterOrDigit((char)b) && b is not ((byte)'_' or (byte)'.'))
                return null;
        }
        return (Encoding.ASCII.GetString(text[..length]), at + (long)Word(at));
    }

    private int Word(int at) => BinaryPrimitives.ReadInt32LittleEndian(image.AsSpan(at));
}
