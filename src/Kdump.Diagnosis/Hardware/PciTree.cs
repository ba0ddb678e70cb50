using Kdump.Diagnosis.Evidence.Pci;

namespace Kdump.Diagnosis.Hardware;

/// <summary>PCI functions in the shape of the machine: each below the bridge whose bus it sits on.</summary>
public sealed class PciTree
{
    private readonly LspciFunction[] functions;

    private readonly Dictionary<(int Segment, int Bus), LspciFunction> bridges = [];

    public PciTree(IEnumerable<LspciFunction> listed)
    {
        functions = listed.GroupBy(f => f.Address)
            .Select(g => g.OrderByDescending(f => f.BusMaster is not null).ThenByDescending(f => f.Ids is not null).First())
            .OrderBy(f => f.Address).ToArray();
        foreach (LspciFunction bridge in functions)
        {
            if (bridge.Secondary is { } bus && bus > bridge.Address.Bus)
                bridges.TryAdd((bridge.Address.Segment, bus), bridge);
        }
    }

    public IReadOnlyList<LspciFunction> All => functions;

    /// <summary>The bridge that a function sits behind; null on a root bus, or where the bridge's buses are not known.</summary>
    public LspciFunction? ParentOf(LspciFunction f) =>
        bridges.TryGetValue((f.Address.Segment, f.Address.Bus), out LspciFunction? bridge) && bridge.Address != f.Address ? bridge : null;

    /// <summary>Depth first. A loop of broken bus numbers cannot make it endless, because each function is returned once.</summary>
    public IEnumerable<(int Depth, LspciFunction Function)> Walk()
    {
        var below = functions.ToLookup(f => ParentOf(f)?.Address);
        var seen = new HashSet<PciAddress>();
        var stack = new Stack<(int Depth, LspciFunction Function)>();
        foreach (LspciFunction root in below[null].OrderByDescending(f => f.Address))
            stack.Push((0, root));
        while (stack.TryPop(out (int Depth, LspciFunction Function) top))
        {
            if (!seen.Add(top.Function.Address))
                continue;
            yield return top;
            foreach (LspciFunction child in below[top.Function.Address].OrderByDescending(f => f.Address))
                stack.Push((top.Depth + 1, child));
        }
        foreach (LspciFunction lost in functions.Where(f => !seen.Contains(f.Address)))
            yield return (0, lost);
    }

    /// <summary>The bridges above it, outermost first: the path of its errors and DMA.</summary>
    public IReadOnlyList<LspciFunction> PathTo(LspciFunction f)
    {
        var path = new List<LspciFunction>();
        for (LspciFunction? p = ParentOf(f); p is not null && !path.Contains(p) && path.Count < 32; p = ParentOf(p))
            path.Insert(0, p);
        return path;
    }
}
