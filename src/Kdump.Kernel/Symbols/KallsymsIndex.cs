using System.Runtime.CompilerServices;

namespace Kdump.Kernel.Symbols;

/// <summary>
/// Index of symbols by name: a hash table over the compressed names. The hash of a name can be computed from the hashes of its tokens.
/// </summary>
internal sealed class KallsymsIndex
{
    private const uint HashBase = 1000003;

    private readonly KallsymsNames names;
    private readonly int[] buckets;
    private readonly int[] chain;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public KallsymsIndex(KallsymsNames names)
    {
        this.names = names;
        // Hash and factor of each token, with and without its first character, because the first character of a name is its type and not
        // part of the name.
        Span<uint> hashes = stackalloc uint[256], factors = stackalloc uint[256], tails = stackalloc uint[256];
        for (int t = 0; t < 256; t++)
        {
            ReadOnlySpan<byte> token = names.Token(t);
            hashes[t] = Hash(token);
            tails[t] = token.Length > 0 ? Hash(token[1..]) : 0;
            factors[t] = 1;
            for (int i = 0; i < token.Length; i++)
                factors[t] = unchecked(factors[t] * HashBase);
        }
        int[] heads = new int[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, names.Count))];
        int[] next = new int[names.Count];
        // Add the names backwards, so that the first of several symbols of one name is found first.
        for (int i = names.Count - 1; i >= 0; i--)
        {
            ReadOnlySpan<byte> name = names.Compressed(i);
            uint hash = tails[name[0]];
            for (int k = 1; k < name.Length; k++)
                hash = unchecked(hash * factors[name[k]] + hashes[name[k]]);
            ref int head = ref heads[Slot(hash, heads.Length)];
            next[i] = head;
            head = i + 1;
        }
        chain = next;
        buckets = heads;
    }

    /// <summary>Index of the first of several symbols with a name; null if there is none.</summary>
    public int? First(string name)
    {
        Span<byte> wanted = stackalloc byte[KallsymsNames.MaxName], buffer = stackalloc byte[KallsymsNames.MaxName];
        if (!System.Text.Encoding.UTF8.TryGetBytes(name, wanted, out int length))
            return null;
        wanted = wanted[..length];
        for (int i = buckets[Slot(Hash(wanted), buckets.Length)] - 1; i >= 0; i = chain[i] - 1)
        {
            int n = names.Decode(i, buffer);
            if (n == length + 1 && buffer[1..n].SequenceEqual(wanted))
                return i;
        }
        return null;
    }

    public IEnumerable<int> All(string name)
    {
        byte[] wanted = System.Text.Encoding.UTF8.GetBytes(name);
        byte[] buffer = new byte[KallsymsNames.MaxName];
        for (int i = buckets[Slot(Hash(wanted), buckets.Length)] - 1; i >= 0; i = chain[i] - 1)
        {
            int n = names.Decode(i, buffer);
            if (n == wanted.Length + 1 && buffer.AsSpan(1, n - 1).SequenceEqual(wanted))
                yield return i;
        }
    }

    /// <summary>A polynomial hash, so that the hash of a name can be computed from the hashes of its tokens.</summary>
    private static uint Hash(ReadOnlySpan<byte> name)
    {
        uint hash = 0;
        foreach (byte b in name)
            hash = unchecked(hash * HashBase + b);
        return hash;
    }

    private static int Slot(uint hash, int slots) =>
        (int)(unchecked(hash * 0x9E3779B9) >> 32 - System.Numerics.BitOperations.Log2((uint)slots));
}
