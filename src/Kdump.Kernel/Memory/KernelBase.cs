using System.Text;
using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;
using Kdump.Formats.Elf;

namespace Kdump.Kernel.Memory;

/// <summary>The basis for everything else: VMCOREINFO, and the address space built from it.</summary>
public sealed class KernelBase
{
    private KernelBase(Keys keys, KernelMemory memory, string source)
    {
        Keys = keys;
        Memory = memory;
        Source = source;
    }

    public Keys Keys { get; }

    public KernelMemory Memory { get; }

    /// <summary>Where VMCOREINFO was found: <c>notes</c>, or <c>memory at PFN …</c>.</summary>
    public string Source { get; }

    /// <param name="open">Creates the architecture's address space from VMCOREINFO; null for an unsupported architecture.</param>
    /// <exception cref="InputException">There is no VMCOREINFO, or it is not usable.</exception>
    public static KernelBase Open(Dump dump, UnreadMemory unread, Func<PhysicalMemory, Keys, KernelMemory>? open)
    {
        if (open is null)
            throw new InputException(dump.Name, "machine", -1, $"{dump.Info.Machine}: kdt reads memory of x86-64 and arm64 kernels, " +
                "and of ppc64le, riscv64 and loongarch64 as far as it is mapped linearly; " +
                "crash and makedumpfile --dump-dmesg of that architecture read more");
        PhysicalMemory physical = new(dump, unread);
        InputException? first = null;
        foreach (VmcoreInfo info in dump.VmcoreInfos)
        {
            try
            {
                return Build(open, physical, new Keys(info), "notes", proven: false, dump.Incomplete);
            }
            catch (InputException e)
            {
                first ??= e;
            }
        }
        return Scan(open, dump, physical) ?? throw first
            ?? new InputException(dump.Name, "VMCOREINFO", -1, "not found in the notes nor at the start of any page of memory");
    }

    /// <summary>
    /// Searches memory for VMCOREINFO. The kernel stores the text in a page of its own (vmcoreinfo_data), so it begins at a page
    /// boundary. The memory may also contain the crash kernel's VMCOREINFO: the right one is that whose init_uts_ns contains its own
    /// release; one with a CRASHTIME is preferred.
    /// </summary>
    private static KernelBase? Scan(Func<PhysicalMemory, Keys, KernelMemory> open, Dump dump, PhysicalMemory physical)
    {
        KernelBase? best = null;
        byte[] page = new byte[physical.PageSize];
        foreach ((Pfn pfn, int at) in Candidates(dump))
        {
            if (dump.ReadPage(pfn, page) != PageState.Present)
                continue;
            try
            {
                KernelBase found = Build(open, physical, new Keys(VmcoreInfo.Parse(page.AsSpan(at))), $"memory at PFN {pfn}",
                    proven: true, dump.Incomplete);
                if (best is null || (best.Keys["CRASHTIME"] is null && found.Keys["CRASHTIME"] is not null))
                    best = found;
            }
            catch (InputException)
            {
                // A copy whose init_uts_ns cannot be found belongs to another kernel.
            }
        }
        return best;
    }

    /// <summary>Pages that begin like VMCOREINFO, in ascending order; searched by all processors.</summary>
    private static List<(Pfn Pfn, int At)> Candidates(Dump dump)
    {
        const ulong piece = 4096;
        List<(ulong First, ulong End)> pieces = [];
        for (Pfn pfn = new(0); dump.NextRun(pfn) is { } run; pfn = run.End)
            // A header may claim terabytes that the file does not contain; skip runs that are not present.
            for (ulong first = run.First.Value; run.State == PageState.Present && first < run.End.Value; first += piece)
                pieces.Add((first, Math.Min(first + piece, run.End.Value)));
        List<(Pfn Pfn, int At)> found = [];
        // A dump's pages may be larger than the kernel's (QEMU's arm64 dumps): then a kernel page may begin inside one of them.
        int length = dump.PageSize > KernelMemory.BlockPage ? dump.PageSize : 10;
        Parallel.ForEach(pieces, () => new byte[length], (part, _, start) =>
        {
            for (ulong pfn = part.First; pfn < part.End; pfn++)
            {
                if ((length > 10 ? dump.ReadPage(new Pfn(pfn), start) : dump.ReadStart(new Pfn(pfn), start)) != PageState.Present)
                    continue;
                for (int at = 0; at < length; at += KernelMemory.BlockPage)
                {
                    if (!start.AsSpan(at).StartsWith("OSRELEASE="u8))
                        continue;
                    lock (found)
                        found.Add((new Pfn(pfn), at));
                }
            }
            return start;
        }, _ => { });
        found.Sort((a, b) => (a.Pfn.Value, a.At).CompareTo((b.Pfn.Value, b.At)));
        return found;
    }

    /// <param name="proven">True to require that memory confirms the release, for a copy found by a search. The dump's own note is
    /// accepted unless memory contradicts it.</param>
    private static KernelBase Build(Func<PhysicalMemory, Keys, KernelMemory> open, PhysicalMemory physical, Keys keys, string source,
        bool proven, bool incomplete)
    {
        string release = keys["OSRELEASE"] ?? throw new InputException(physical.Name, "VMCOREINFO", -1, "has no OSRELEASE");
        KernelMemory memory = open(physical, keys);

        // uts_namespace holds a new_utsname: six fields of 65 bytes, the release third. Until 5.11 a reference count precedes it, and
        // VMCOREINFO does not always contain its offset, so the release is searched for nearby.
        if (keys.Symbol("init_uts_ns") is { } uts)
        {
            byte[] near = new byte[65 * 4];
            MemoryState state = memory.Read(uts, near);
            // Dump levels never exclude the kernel's data: if the dump does not have the page, the address is wrong, unless the dump is
            // cut.
            bool contradiction = state == MemoryState.Unmapped || (state == MemoryState.Absent && !incomplete);
            if (contradiction || (proven && state != MemoryState.Present))
                throw new InputException(physical.Name, "init_uts_ns", -1,
                    $"address {uts} {state.Words()}: phys_base or the page tables are not this kernel's");
            if (state == MemoryState.Present && near.AsSpan().IndexOf(Encoding.Latin1.GetBytes(release)) < 0)
                throw new InputException(physical.Name, "init_uts_ns", -1,
                    $"holds no \"{release}\" at {uts}: phys_base or the page tables are not this kernel's");
        }
        return new KernelBase(keys, memory, source);
    }
}
