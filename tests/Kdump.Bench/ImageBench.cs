using System.Diagnostics;
using BenchmarkDotNet.Attributes;
using Kdump.Formats.Archives;

namespace Kdump.Bench;

/// <summary>
/// Walking an image against the bare decompressor and the tools that list images today. KDUMP_IMAGE names a zstd image; a method whose
/// program is not installed does nothing. Ratios to <c>zstd -dc</c> are what counts.
/// </summary>
[MemoryDiagnoser]
[ShortRunJob]
public class ImageBench
{
    private readonly string image = Environment.GetEnvironmentVariable("KDUMP_IMAGE")
        ?? throw new InvalidOperationException("KDUMP_IMAGE names no image");

    [Benchmark(Baseline = true)]
    public void ZstdAlone() => Run($"zstd -dc '{image}' > /dev/null");

    [Benchmark]
    public int Walk()
    {
        using BootImage opened = BootImage.Open(image);
        return opened.Initramfs.Entries.Count;
    }

    [Benchmark]
    public long WalkAndReadAll()
    {
        using BootImage opened = BootImage.Open(image);
        long bytes = 0;
        foreach (ImageNode node in opened.Root.Root.All().Where(n => n.IsFile).OrderBy(n => n.Content.Order))
        {
            node.Content.CopyTo(piece =>
            {
                bytes += piece.Length;
                return true;
            });
        }
        return bytes;
    }

    [Benchmark]
    public void Lsinitrd() => Run($"command -v lsinitrd && lsinitrd '{image}' > /dev/null");

    [Benchmark]
    public void ThreeCpio() => Run($"command -v 3cpio && 3cpio -t -v '{image}' > /dev/null");

    [Benchmark]
    public void Lsinitramfs() => Run($"command -v lsinitramfs && lsinitramfs -l '{image}' > /dev/null");

    private static void Run(string command)
    {
        using Process process = Process.Start(
            new ProcessStartInfo("/bin/sh", ["-c", command]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
    }
}
