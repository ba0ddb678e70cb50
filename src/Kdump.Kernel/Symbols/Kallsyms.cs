using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;

namespace Kdump.Kernel.Symbols;

/// <summary>
/// The kernel's own symbol table, scripts/kallsyms.c and kernel/kallsyms.c: compressed names, and addresses in one of four forms.
/// </summary>
public sealed class Kallsyms
{
    /// <summary>
    /// Maximum number of symbols, which limits the allocation if the count is invalid; the largest kernels have 300,000.
    /// </summary>
    public const uint MaxSymbols = 4_000_000;

    private readonly KallsymsNames names;
    private readonly KallsymsIndex index;
    private readonly ulong[] addresses;
    private readonly int[] order;

    private Kallsyms(KallsymsNames names)
    {
        this.names = names;
        index = new KallsymsIndex(names);
        addresses = new ulong[names.Count];
        order = new int[names.Count];
    }

    public int Count => names.Count;

    /// <summary>
    /// Form of the addresses: <c>absolute</c>, <c>base-relative</c>, <c>base-relative, per-CPU absolute</c>, <c>place-relative</c>.
    /// </summary>
    public string Encoding { get; private set; } = "";

    /// <summary>True if lengths of 128 and more tokens are encoded in two bytes.</summary>
    public bool LongNames => names.LongNames;

    /// <param name="known">Symbols whose addresses are known from VMCOREINFO; they determine the form of the addresses.</param>
    public static Kallsyms Load(KernelMemory memory, KallsymsTables at, IReadOnlyDictionary<string, VirtualAddress> known)
    {
        Kallsyms table = new(KallsymsNames.Load(memory, at));
        table.ReadAddresses(memory, at, known);
        return table;
    }

    public VirtualAddress Address(int i) => new(addresses[i]);

    public string Name(int i)
    {
        Span<byte> buffer = stackalloc byte[KallsymsNames.MaxName];
        int n = names.Decode(i, buffer);
        return n > 1 ? System.Text.Encoding.UTF8.GetString(buffer[1..n]) : "";
    }

    public char Type(int i) => names.Type(i);

    public VirtualAddress? Find(string name) => index.First(name) is { } i ? new VirtualAddress(addresses[i]) : null;

    /// <summary>All symbols with a name, in the order of the table; several static symbols may have the same name.</summary>
    public IEnumerable<Symbol> FindAll(string name)
    {
        foreach (int i in index.All(name))
            yield return new Symbol(name, new VirtualAddress(addresses[i]), SizeAt(addresses[i]), Type(i));
    }

    /// <summary>All symbols, by ascending address.</summary>
    public IEnumerable<Symbol> InOrder()
    {
        foreach (int i in order)
            yield return new Symbol(Name(i), new VirtualAddress(addresses[i]), 0, Type(i));
    }

    /// <summary>The symbol at or below an address; if several have that address, the first, which is the one the kernel prints.</summary>
    public Symbol? At(VirtualAddress address)
    {
        int low = 0, high = order.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (addresses[order[middle]] <= address.Value)
                low = middle + 1;
            else
                high = middle;
        }
        if (low == 0)
            return null;
        ulong next = low < order.Length ? addresses[order[low]] : ulong.MaxValue;
        int first = low - 1;
        while (first > 0 && addresses[order[first - 1]] == addresses[order[first]])
            first--;
        int i = order[first];
        return new Symbol(Name(i), new VirtualAddress(addresses[i]), next - addresses[i], Type(i));
    }

    /// <summary>Bytes to the next symbol with a higher address.</summary>
    private ulong SizeAt(ulong address)
    {
        int low = 0, high = order.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (addresses[order[middle]] <= address)
                low = middle + 1;
            else
                high = middle;
        }
        return low < order.Length ? addresses[order[low]] - address : 0;
    }

    private void ReadAddresses(KernelMemory memory, KallsymsTables at, IReadOnlyDictionary<string, VirtualAddress> known)
    {
        List<(int Index, ulong Address)> probes = [];
        foreach ((string name, VirtualAddress address) in known)
            foreach (int i in index.All(name))
                probes.Add((i, address.Value));
        if (probes.Count == 0)
            throw Bad(memory, "kallsyms_names",
                $"hold none of the symbols that VMCOREINFO names ({string.Join(", ", known.Keys.Take(3))})");

        List<(string Name, Func<ulong[]> Addresses)> forms = [];
        if (at.Addresses is { } absolute)
        {
            byte[] raw = ReadTable(memory, absolute, 8, "kallsyms_addresses");
            forms.Add(("absolute", () => MemoryMarshal.Cast<byte, ulong>(raw).ToArray()));
        }
        else
        {
            byte[] raw = ReadTable(memory, at.Offsets, 4, "kallsyms_offsets");
            if (at.RelativeBase is { } where && memory.TryU64(where, out ulong relative))
            {
                forms.Add(("base-relative, per-CPU absolute",
                    () => Expand(raw, (_, offset) => offset >= 0 ? (ulong)offset : unchecked(relative - 1 - (ulong)(long)offset))));
                forms.Add(("base-relative", () => Expand(raw, (_, offset) => unchecked(relative + (uint)offset))));
            }
            forms.Add(("place-relative",
                () => Expand(raw, (i, offset) => unchecked(at.Offsets.Value + 4 * (ulong)i + (ulong)(long)offset))));
        }
        int wanted = probes.Select(p => p.Address).Distinct().Count();
        foreach ((string name, Func<ulong[]> form) in forms)
        {
            ulong[] candidate = form();
            // Several static symbols may have the same name: each known address must occur for one of them.
            if (probes.Where(p => candidate[p.Index] == p.Address).Select(p => p.Address).Distinct().Count() < wanted)
                continue;
            Encoding = name;
            candidate.CopyTo(addresses, 0);
            for (int i = 0; i < order.Length; i++)
                order[i] = i;
            if (!IsSorted(addresses))
                Array.Sort(order, (a, b) => addresses[a] != addresses[b] ? addresses[a].CompareTo(addresses[b]) : a.CompareTo(b));
            return;
        }
        throw Bad(memory, at.Addresses is null ? "kallsyms_offsets" : "kallsyms_addresses",
            "no known address format gives the addresses in VMCOREINFO");
    }

    private static ulong[] Expand(byte[] raw, Func<int, int, ulong> address)
    {
        ReadOnlySpan<int> offsets = MemoryMarshal.Cast<byte, int>(raw);
        ulong[] all = new ulong[offsets.Length];
        for (int i = 0; i < all.Length; i++)
            all[i] = address(i, offsets[i]);
        return all;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool IsSorted(ulong[] values)
    {
        for (int i = 1; i < values.Length; i++)
            if (values[i - 1] > values[i])
                return false;
        return true;
    }

    private byte[] ReadTable(KernelMemory memory, VirtualAddress at, int width, string field)
    {
        byte[] raw = new byte[Count * width];
        memory.Read(at, raw, field);
        return raw;
    }

    private static InputException Bad(KernelMemory memory, string field, string reason) => new(memory.Name, field, -1, reason);
}
