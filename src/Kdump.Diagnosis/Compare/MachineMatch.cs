using Kdump.Diagnosis.Evidence.Pci;
using Kdump.Diagnosis.Hardware;
using Kdump.Diagnosis.Pci;

namespace Kdump.Diagnosis.Compare;

/// <summary>
/// Matches the PCI functions of two machines. Two machines rarely number their buses alike, so a function is matched by what it is
/// and the path down to it (device and function numbers, not buses); then by what it is alone; then by what it is for.
/// </summary>
public sealed class MachineMatch
{
    private readonly Dictionary<PciAddress, PciAddress> counterpart = [];

    public MachineMatch(IEnumerable<LspciFunction> a, IEnumerable<LspciFunction> b)
    {
        PciTree first = new(a), second = new(b);
        List<LspciFunction> left = [.. first.All], right = [.. second.All];
        Match(left, right, f => $"{KindOf(f)} {WayTo(first, f)}", f => $"{KindOf(f)} {WayTo(second, f)}", Same);
        Match(left, right, f => $"{KindOf(f)} {f.Address.Device}.{f.Address.Function}",
            f => $"{KindOf(f)} {f.Address.Device}.{f.Address.Function}", Same);
        Match(left, right, KindOf, KindOf, Same);
        // Same role at the same place, then same role at any place.
        Match(left, right, f => $"{PciClass.Role(f.Class)} {WayTo(first, f)}", f => $"{PciClass.Role(f.Class)} {WayTo(second, f)}",
            Replaced);
        Match(left, right, f => PciClass.Role(f.Class), f => PciClass.Role(f.Class), Replaced);
        OnlyA = left;
        OnlyB = right;
    }

    /// <summary>The same part on both machines.</summary>
    public List<(LspciFunction A, LspciFunction B)> Same { get; } = [];

    /// <summary>Another part in the same role.</summary>
    public List<(LspciFunction A, LspciFunction B)> Replaced { get; } = [];

    public IReadOnlyList<LspciFunction> OnlyA { get; }

    public IReadOnlyList<LspciFunction> OnlyB { get; }

    /// <summary>The address on the second machine of what has this address on the first; null when it has no counterpart.</summary>
    public PciAddress? CounterpartOf(PciAddress a) => counterpart.TryGetValue(a, out PciAddress b) ? b : null;

    public static string KindOf(LspciFunction f) => f.Ids ?? (f.Name.Length > 0 ? WithoutRevision(f.Name) : f.Class);

    public static string WithoutRevision(string name) =>
        name.IndexOf(" (rev ", StringComparison.Ordinal) is >= 0 and var at ? name[..at] : name;

    private static string WayTo(PciTree tree, LspciFunction f) =>
        string.Join('/', tree.PathTo(f).Append(f).Select(s => $"{s.Address.Device:x2}.{s.Address.Function}"));

    private void Match(
        List<LspciFunction> left, List<LspciFunction> right, Func<LspciFunction, string> keyA, Func<LspciFunction, string> keyB,
        List<(LspciFunction, LspciFunction)> pairs)
    {
        var waiting = right.GroupBy(keyB)
            .ToDictionary(g => g.Key, g => new Queue<LspciFunction>(g.OrderBy(f => f.Address)), StringComparer.Ordinal);
        foreach (LspciFunction a in left.OrderBy(f => f.Address).ToArray())
        {
            if (!waiting.TryGetValue(keyA(a), out Queue<LspciFunction>? queue) || !queue.TryDequeue(out LspciFunction? b))
                continue;
            left.Remove(a);
            right.Remove(b);
            counterpart[a.Address] = b.Address;
            pairs.Add((a, b));
        }
    }
}
