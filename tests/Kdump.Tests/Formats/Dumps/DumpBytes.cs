using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;
using Kdump.Tests.Builders;

namespace Kdump.Tests.Formats.Dumps;

/// <summary>What the tests of dumps share: opening bytes, and reading everything there is.</summary>
internal static class DumpBytes
{
    public static Dump Open(params byte[][] files) =>
        DumpFormats.Open([.. files.Select((f, i) => (IByteSource)new MemorySource(f, files.Length == 1 ? "vmcore" : $"part{i}"))]);

    public static InputException Refused(params byte[][] files) => Assert.Throws<InputException>(() => Open(files).Dispose());

    public static byte[] Page(this Dump dump, ulong pfn)
    {
        byte[] page = new byte[dump.PageSize];
        Assert.Equal(PageState.Present, dump.ReadPage(new Pfn(pfn), page));
        return page;
    }

    /// <summary>As who keeps the page gets it.</summary>
    public static byte[] Kept(this Dump dump, ulong pfn)
    {
        Assert.Equal(PageState.Present, dump.Page(new Pfn(pfn), out byte[] page));
        return page;
    }

    public static PageState TryPage(this Dump dump, ulong pfn) => dump.ReadPage(new Pfn(pfn), new byte[dump.PageSize]);

    public static string? Why(this Dump dump, ulong pfn) => dump.DamageOf(new Pfn(pfn))?.ToString();

    /// <summary>Uses everything that a reader of the dump may use, on a bounded number of frames.</summary>
    public static void Exercise(Dump dump)
    {
        byte[] page = new byte[dump.PageSize];
        _ = dump.Name + dump.Format + dump.Info + dump.Incomplete + dump.VmcoreInfo?.OsRelease + dump.Damages.Count;
        _ = dump.Count();
        Pfn at = default;
        for (int i = 0; i < 200 && dump.NextRun(at) is { } run; i++)
        {
            Assert.True(run.First >= at && run.End > run.First);
            Assert.Equal(dump.ReadPage(run.First, page), dump.Page(run.First, out _));
            _ = dump.DamageOf(run.First);
            at = run.End;
        }
        foreach (ulong pfn in (ulong[])[0, 1, 99, dump.MaxPfn.Value - Math.Min(dump.MaxPfn.Value, 1), dump.MaxPfn.Value, 1UL << 40,
            ulong.MaxValue])
        {
            _ = dump.State(new Pfn(pfn));
            _ = dump.ReadPage(new Pfn(pfn), page);
            _ = dump.DamageOf(new Pfn(pfn));
        }
    }
}
