using System.Runtime.InteropServices;
using SharpFuzz.Common;

namespace Kdump.Fuzz.Running;

/// <summary>The counters that instrumented code increments at every branch, and which classes of counts were ever seen (AFL's
/// buckets).</summary>
internal sealed unsafe class EdgeMap
{
    private const int Size = 1 << 16;

    /// <summary>Shared by all targets: the code holds its address.</summary>
    private static readonly byte* Counters = Allocate();

    private readonly byte[] seen = new byte[Size];
    private readonly byte[] first = new byte[Size];

    /// <summary>Branches that were taken at least once.</summary>
    public int Edges => seen.Count(b => b != 0);

    public static void Clear()
    {
        new Span<byte>(Counters, Size).Clear();
        Trace.PrevLocation = 0;
    }

    /// <summary>The run that ended took a branch, or a branch so many times, as no run did before.</summary>
    public bool New()
    {
        for (int i = 0; i < Size; i += sizeof(ulong))
        {
            if (*(ulong*)(Counters + i) == 0)
                continue;
            for (int k = i; k < i + sizeof(ulong); k++)
            {
                if ((Class(Counters[k]) & ~seen[k]) != 0)
                    return true;
            }
        }
        return false;
    }

    public void Hold() => new Span<byte>(Counters, Size).CopyTo(first);

    /// <summary>Takes what both this run and the held one of the same input have: caches, threads and start-up code differ between
    /// them.</summary>
    public bool KeepWhatIsStable()
    {
        bool any = false;
        for (int i = 0; i < Size; i++)
        {
            int both = Class(Counters[i]) & Class(first[i]) & ~seen[i];
            seen[i] |= (byte)both;
            any |= both != 0;
        }
        return any;
    }

    private static byte Class(byte count) => count switch
    {
        0 => 0, 1 => 1, 2 => 2, 3 => 4, < 8 => 8, < 16 => 16, < 32 => 32, < 128 => 64, _ => 128,
    };

    private static byte* Allocate()
    {
        var counters = (byte*)NativeMemory.AllocZeroed(Size);
        Trace.SharedMem = counters;
        return counters;
    }
}
