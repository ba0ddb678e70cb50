using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Memory;

/// <summary>The page tables of a process.</summary>
public abstract class UserPages
{
    /// <summary>The entry for an address.</summary>
    public abstract UserPage At(VirtualAddress address);

    /// <summary>
    /// The entries that cover a range, each once, in ascending order. A hole is returned as one entry as large as its missing table
    /// covers.
    /// </summary>
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
