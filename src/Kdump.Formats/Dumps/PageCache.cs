namespace Kdump.Formats.Dumps;

/// <summary>
/// Cache of decompressed pages. The key is the file offset of the stored bytes, so all frames whose descriptors point to the same zero
/// page share an entry. The size is limited, with four entries per set. An entry never changes and a slot is one reference, so no thread
/// waits for another.
/// </summary>
internal sealed class PageCache
{
    private const int Ways = 4;
    private const int Capacity = 64 * 1024 * 1024;

    /// <summary>
    /// Number of slots in a shelf. Shelves are allocated when first needed, so that reading a few pages needs little memory.
    /// </summary>
    private const int Shelf = 16;

    private readonly Entry?[]?[] shelves;
    private readonly uint sets;
    private uint turn;

    /// <param name="frames">Number of frames in the dump; the table for a small dump is small.</param>
    public PageCache(int pageSize, long frames)
    {
        sets = (uint)Math.Clamp(frames / Ways + 1, 1, Capacity / pageSize / Ways);
        shelves = new Entry?[(sets * Ways + Shelf - 1) / Shelf][];
    }

    public byte[]? Find(int part, long offset)
    {
        uint set = Set(part, offset);
        if (Volatile.Read(ref shelves[set / Shelf]) is not { } slots)
            return null;
        set %= Shelf;
        for (uint i = 0; i < Ways; i++)
        {
            Entry? entry = Volatile.Read(ref slots[set + i]);
            if (entry is not null && entry.Offset == offset && entry.Part == part)
                return entry.Bytes;
        }
        return null;
    }

    public void Add(int part, long offset, byte[] bytes)
    {
        uint set = Set(part, offset);
        ref Entry?[]? shelf = ref shelves[set / Shelf];
        Entry?[] slots = Volatile.Read(ref shelf) ?? Interlocked.CompareExchange(ref shelf, new Entry?[Shelf], null) ?? shelf!;
        set %= Shelf;
        uint way = 0;
        while (way < Ways && Volatile.Read(ref slots[set + way]) is not null)
            way++;
        if (way == Ways)
            way = unchecked(turn++) % Ways;
        Volatile.Write(ref slots[set + way], new Entry(part, offset, bytes));
    }

    private uint Set(int part, long offset)
    {
        ulong hash = unchecked(((ulong)offset ^ ((ulong)(uint)part << 56)) * 0x9E3779B97F4A7C15);
        return (uint)((hash >> 32) % sets) * Ways;
    }

    private sealed record Entry(int Part, long Offset, byte[] Bytes);
}
