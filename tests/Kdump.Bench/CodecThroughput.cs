using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using Kdump.Formats.Compression;
using Kdump.Formats.Dumps;

namespace Kdump.Bench;

/// <summary>
/// How much of what the compression libraries can do is left of them when a dump is verified: <c>dotnet run -c Release -- codecs DUMP…</c>.
/// All stored pages are decoded out of memory in a bare loop, then the dump is verified from the file, on as many threads, round by round;
/// the best of each counts.
/// </summary>
internal static class CodecThroughput
{
    private const int Rounds = 15, Batch = 256;

    public static void Print(string[] paths)
    {
        int threads = Environment.ProcessorCount;
        Console.WriteLine(
            $"| dump | pages | codec | bare, {threads} threads | verify, {threads} threads | of the codec's | bare, 1 | verify, 1 | of " +
            $"the codec's |\n|---|---|---|---|---|---|---|---|---|");
        foreach (string path in paths)
        {
            Stored stored = Stored.Read(path);
            using Dump dump = DumpFormats.Open([path]);
            double[] best = [double.MaxValue, double.MaxValue, double.MaxValue, double.MaxValue];
            for (int round = 0; round < Rounds; round++)
            {
                best[0] = Math.Min(best[0], Seconds(() => stored.Decode(threads)));
                best[1] = Math.Min(best[1], Seconds(() => Verification.Run(dump, threads)));
                best[2] = Math.Min(best[2], Seconds(() => stored.Decode(1)));
                best[3] = Math.Min(best[3], Seconds(() => Verification.Run(dump, 1)));
            }
            string Speed(int i) => (stored.Pages.Length * (double)stored.PageSize / best[i] / 1e6)
                .ToString("0 MB/s", CultureInfo.InvariantCulture);
            string Ratio(int verify, int bare) => (best[bare] / best[verify]).ToString("0 %", CultureInfo.InvariantCulture);
            Console.WriteLine(
                $"| {Path.GetFileName(path)} | {stored.Pages.Length} | {stored.Codecs} | {Speed(0)} | {Speed(1)} | {Ratio(1, 0)} | " +
                $"{Speed(2)} | {Speed(3)} | {Ratio(3, 2)} |");
        }
    }

    private static double Seconds(Action work)
    {
        long start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>
    /// The pages of a kdump-compressed file of 64 bits as they are stored, found by the shortest way: the headers' numbers and the
    /// descriptors.
    /// </summary>
    private sealed record Stored(byte[] File, int PageSize, (long Offset, int Size, uint Flags)[] Pages)
    {
        public string Codecs => string.Join(", ",
            Pages.GroupBy(p => PageCodecs.Of(p.Flags)?.Name ?? "plain").OrderByDescending(g => g.Count())
            .Select(g => $"{g.Key} {g.Count()}"));

        public static Stored Read(string path)
        {
            byte[] file = System.IO.File.ReadAllBytes(path);
            // struct disk_dump_header: signature, header_version, utsname of 6 * 65, timestamp, status, block_size, sub_hdr_size,
            // bitmap_blocks.
            int Header(int at) => BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at));
            int block = Header(428), bitmaps = Header(436), half = bitmaps / 2 * block, map = (1 + Header(432)) * block + half;
            long count = 0;
            for (int i = 0; i < half; i++)
                count += BitOperations.PopCount(file[map + i]);
            var pages = new (long, int, uint)[count];
            for (int i = 0, at = map + half; i < count; i++, at += 24)
                pages[i] = (BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(at)), Header(at + 8), (uint)Header(at + 12));
            return new Stored(file, block, pages);
        }

        public void Decode(int threads)
        {
            int next = 0;
            void Work()
            {
                byte[] page = new byte[PageSize];
                for (int from; (from = Interlocked.Add(ref next, Batch) - Batch) < Pages.Length;)
                {
                    foreach ((long offset, int size, uint flags) in Pages.AsSpan(from, Math.Min(Batch, Pages.Length - from)))
                    {
                        ReadOnlySpan<byte> stored = File.AsSpan((int)offset, size);
                        if (PageCodecs.Of(flags) is not { } codec)
                            stored.CopyTo(page);
                        else if (codec.Decode(stored, page, out _) is { } wrong)
                            throw new InvalidDataException(wrong);
                    }
                }
            }
            Thread[] others = [.. Enumerable.Range(1, threads - 1).Select(_ => new Thread(Work))];
            foreach (Thread other in others)
                other.Start();
            Work();
            foreach (Thread other in others)
                other.Join();
        }
    }
}
