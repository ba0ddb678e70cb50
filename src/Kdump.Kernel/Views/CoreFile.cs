using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;

namespace Kdump.Kernel.Views;

/// <summary>A file that a process has mapped: its pages in the page cache, and a file on this machine with the same content.</summary>
/// <param name="OnDisk">The file on this machine; null if none was specified, or if it is not proven to be the same
/// (<paramref name="WhyNot"/> contains the reason).</param>
public sealed record CoreFile(string Path, PageCache? Cache, Stream? OnDisk, string? BuildId, string? WhyNot) : IDisposable
{
    /// <summary>Fills a page from the file on disk, with zeros after the end of the file. False if there is no such page.</summary>
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
