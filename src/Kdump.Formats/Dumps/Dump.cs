using Kdump.Formats.Bytes;

namespace Kdump.Formats.Dumps;

/// <summary>
/// A crashed machine's physical memory as a dump file has it. Opening reads headers only; pages are read and decompressed on demand.
/// Safe to read from several threads.
/// </summary>
public abstract class Dump : IDisposable
{
    /// <summary>Name for messages: the path, or the paths of a split set.</summary>
    public abstract string Name { get; }

    /// <summary>How the file is called in words: <c>ELF</c>, <c>kdump-compressed v6</c>, <c>flattened kdump-compressed v6</c> …</summary>
    public abstract string Format { get; }

    /// <summary>Bytes in a page.</summary>
    public abstract int PageSize { get; }

    /// <summary>One past the highest page frame the dump speaks of.</summary>
    public abstract Pfn MaxPfn { get; }

    /// <summary>The writer said that it could not finish.</summary>
    public abstract bool Incomplete { get; }

    /// <summary>The ELF notes of the dump (VMCOREINFO, PRSTATUS, …) as one blob of concatenated notes; empty when it has none.</summary>
    public abstract ReadOnlyMemory<byte> Notes { get; }

    /// <summary>What was broken in the headers and stepped over while opening.</summary>
    public abstract IReadOnlyList<Damage> Damages { get; }

    /// <summary>What the dump has of a frame, without reading the page. <see cref="PageState.Present"/> may turn out damaged when read.</summary>
    public abstract PageState State(Pfn pfn);

    /// <summary>Reads one whole page. <paramref name="page"/> (of <see cref="PageSize"/> bytes) is filled only for <see cref="PageState.Present"/>.</summary>
    public abstract PageState ReadPage(Pfn pfn, Span<byte> page);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}
