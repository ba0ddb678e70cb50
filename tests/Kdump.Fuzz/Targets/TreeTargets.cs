using System.Formats.Tar;
using System.Text;
using Kdump.Tests;

namespace Kdump.Fuzz.Targets;

/// <summary>Trees of machines: the text form of fixtures/trees is mutated and packed as tar.</summary>
internal static class TreeTargets
{
    public static IEnumerable<Target> All =>
    [
        new("tree", Form.Lines, ["host check --root {in}", "host memory --root {in}", "host history --root {in}",
            "host check --root {in} --json",
            "host diff {in} {dir}/other.tar", "explain {in}"], () => Files.Fixtures("trees", 20, pattern: "host-*.tree"))
        {
            Pack = Tar, Companions = () => [("other.tar", Tar(File.ReadAllBytes(Repository.Path("fixtures", "trees", "host-rhel9.tree"))))],
        },
        new("vectors", Form.Lines, ["host vectors --root {in}", "host vectors --root {in} --json", "host check --root {in}"],
            () => Files.Fixtures("trees", 20, 64 << 10, "*.tree").Where(t => t.Length > 8000)) { Pack = Tar, MaxBytes = 96 << 10 },
    ];

    private static byte[] Tar(byte[] text)
    {
        using var all = new MemoryStream();
        using (var tar = new TarWriter(all, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (string entry in ("\n" + Encoding.Latin1.GetString(text)).Split("\n@ ", StringSplitOptions.RemoveEmptyEntries))
            {
                try
                {
                    tar.WriteEntry(Entry(entry));
                }
                catch (Exception e) when (e is ArgumentException or InvalidOperationException or NotSupportedException)
                {
                    // No name that can be written.
                }
            }
        }
        return all.ToArray();
    }

    private static PaxTarEntry Entry(string entry)
    {
        string head = entry.Split('\n')[0], body = entry[Math.Min(entry.Length, head.Length + 1)..];
        if (head.Split(" -> ") is [var link, var target])
            return new(TarEntryType.SymbolicLink, "root/" + link) { LinkName = target };
        int equals = head.IndexOf(" = ", StringComparison.Ordinal);
        string name = equals > 0 ? head[..equals] : head;
        return new(TarEntryType.RegularFile, "root/" + name)
        {
            DataStream = new MemoryStream(Encoding.Latin1.GetBytes(equals > 0 ? head[(equals + 3)..] + "\n" : body)),
        };
    }
}
