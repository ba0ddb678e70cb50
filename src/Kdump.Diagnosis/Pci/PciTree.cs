using Kdump.Diagnosis.Evidence;

namespace Kdump.Diagnosis.Pci;

/// <summary>PCI functions in the shape of the machine: each below the bridge whose bus it sits on.</summary>
public sealed class PciTree
{
    private readonly LspciFunction[] functions;

    public PciTree(IEnumerable<LspciFunction> functions) =>
        this.functions = functions.GroupBy(f => f.Address).Select(g => g.OrderByDescending(f => f.BusMaster is not null).ThenByDescending(f => f.Ids is not null).First()).OrderBy(f => f.Address).ToArray();

    public IReadOnlyList<LspciFunction> All => functions;

    /// <summary>The bridge that a function sits behind; null on a root bus, or where the bridge's buses are not known.</summary>
    public LspciFunction? ParentOf(LspciFunction f) =>
        Array.Find(functions, b => b.Address.Segment == f.Address.Segment && b.Secondary == f.Address.Bus && b.Address != f.Address && b.Secondary > b.Address.Bus);

    /// <summary>Depth first; a loop of broken bus numbers cannot hold it, because each function is given once.</summary>
    public IEnumerable<(int Depth, LspciFunction Function)> Walk()
    {
        var seen = new HashSet<PciAddress>();
        var stack = new Stack<(int Depth, LspciFunction Function)>(functions.Where(f => ParentOf(f) is null).Reverse().Select(f => (0, f)));
        while (stack.TryPop(out (int Depth, LspciFunction Function) top))
        {
            if (!seen.Add(top.Function.Address))
                continue;
            yield return top;
            foreach (LspciFunction child in functions.Where(f => ParentOf(f)?.Address == top.Function.Address).Reverse())
                stack.Push((top.Depth + 1, child));
        }
        foreach (LspciFunction lost in functions.Where(f => !seen.Contains(f.Address)))
            yield return (0, lost);
    }

    /// <summary>Above it, outermost first: the way that a device's errors and DMA take.</summary>
    public IReadOnlyList<LspciFunction> PathTo(LspciFunction f)
    {
        var path = new List<LspciFunction>();
        for (LspciFunction? p = ParentOf(f); p is not null && !path.Contains(p) && path.Count < 32; p = ParentOf(p))
            path.Insert(0, p);
        return path;
    }
}
