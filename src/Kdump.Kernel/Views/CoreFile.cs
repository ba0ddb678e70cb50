using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;

namespace Kdump.Kernel.Views;

/// <summary>A file that a process has mapped: its pages in the page cache, and a file on this machine that is the same.</summary>
/// <param name="OnDisk">Null where none was given, or it is not known to be the same; <paramref name="WhyNot"/> tells.</param>
public sealed record CoreFile(string Path, PageCache? Cache, Stream? OnDisk, string? BuildId, string? WhyNot) : IDisposable
{
    /// <summary>Fills a page out of the file on disk; what is behind its end is zero. False where there is none.</summary>
    public bool Read(ulong offset, byte[] page)
    {
        if (OnDisk is null || offset >= (ulong)OnDisk.Length)
            return false;
        OnDisk.Position = (long)offset;
        int done = OnDisk.ReadAtLeast(page, page.Length, throwOnEndOfStream: false);
        page.AsSpan(done).Clear();
        return true;
    }

    public Pfn? InCache(ulong index) => Cache?.Find(index);

    public void Dispose() => OnDisk?.Dispose();
}
