using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Memory;

/// <summary>The page tables of a process.</summary>
public abstract class UserPages
{
    /// <summary>What the tables say of an address.</summary>
    public abstract UserPage At(VirtualAddress address);

    /// <summary>The entries that cover a range, each once, from its first byte on; holes in one piece as large as their table.</summary>
    public IEnumerable<(VirtualAddress At, UserPage Page)> Walk(VirtualAddress start, VirtualAddress end)
    {
        for (VirtualAddress at = start; at < end;)
        {
            UserPage page = At(at);
            yield return (at, page);
            ulong next = (at.Value & ~(page.Bytes - 1)) + page.Bytes;
            if (next <= at.Value)
                yield break;
            at = new VirtualAddress(next);
        }
    }
}
