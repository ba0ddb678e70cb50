using System.CommandLine;
using Kdump.Kernel;
using Kdump.Kernel.Structs;

namespace Kdump.Cli.Commands;

/// <summary>
/// <c>--vmlinux</c>: where a vmlinux with debugging information may lie. Distributions put it below /usr/lib/debug, by release or by build
/// id; debuginfod's client keeps what it fetched in a folder by build id (debuginfod_find_debuginfo(3)). Nothing is fetched.
/// </summary>
internal static class DebugPlaces
{
    private const string Usual = "auto";

    public static Option<string?> Option() => new("--vmlinux")
    {
        Description = "A vmlinux with debugging information, or a folder with it, or 'auto' for where packages and debuginfod put it: " +
            "adds lines of the source, inlined functions and types of variables",
        HelpName = "PATH|DIR|auto",
    };

    public static DebugSymbols Open(Vmcore vmcore, string where)
    {
        DebugSymbols symbols = Find(vmcore, where);
        ModuleFiles modules = new(Roots(where), vmcore.Release);
        symbols.ModuleFiles = (name, id) => [.. modules.Named(name).Concat(There(ById(where, id)))];
        return symbols;
    }

    private static DebugSymbols Find(Vmcore vmcore, string where)
    {
        string? id = vmcore.Dump.VmcoreInfo?.BuildId;
        if (where == Usual)
            return DebugSymbols.Open(vmcore, "auto", [.. There([.. Below("/", vmcore.Release, id),
                .. Caches().SelectMany(c => Cached(c, id))])]);
        if (!Directory.Exists(where))
            return DebugSymbols.Open(vmcore, where, [where]);
        string[] there = [.. There([.. Below(where, vmcore.Release, id), .. Cached(where, id)])];
        return DebugSymbols.Open(vmcore, where, there);
    }

    /// <summary>Folders below which a tree of modules may lie: of a vmlinux its own, and the one that has boot/.</summary>
    private static IEnumerable<string> Roots(string where)
    {
        if (where == Usual)
            return ["/"];
        if (Directory.Exists(where))
            return [where];
        string folder = Path.GetDirectoryName(Path.GetFullPath(where)) ?? "/";
        return [folder, Path.GetFullPath(Path.Join(folder, ".."))];
    }

    private static IEnumerable<string> ById(string where, string? id)
    {
        if (id is not { Length: > 4 })
            yield break;
        foreach (string root in Roots(where))
            foreach (string debug in (string[])[root, Path.Join(root, "usr/lib/debug")])
                yield return Path.Join(debug, ".build-id", id[..2], $"{id[2..]}.debug");
        foreach (string cache in where == Usual ? Caches() : Roots(where))
            yield return Path.Join(cache, id, "debuginfo");
    }

    private static IEnumerable<string> There(IEnumerable<string> paths) => paths.Where(File.Exists).Distinct(StringComparer.Ordinal);

    private static IEnumerable<string> Below(string folder, string? release, string? id)
    {
        string debug = Path.Join(folder, "usr/lib/debug");
        if (id is { Length: > 4 })
            foreach (string root in (string[])[folder, debug])
                yield return Path.Join(root, ".build-id", id[..2], $"{id[2..]}.debug");
        // A release comes from the dump: it must not lead elsewhere.
        if (release is { Length: > 0 } && !release.Contains('/') && release != "..")
            foreach (string root in (string[])[folder, debug])
            {
                yield return Path.Join(root, $"vmlinux-{release}");
                yield return Path.Join(root, $"vmlinux-{release}.debug");
                yield return Path.Join(root, "boot", $"vmlinux-{release}");
                yield return Path.Join(root, "boot", $"vmlinux-{release}.debug");
                foreach (string modules in (string[])["lib/modules", "usr/lib/modules"])
                {
                    yield return Path.Join(root, modules, release, "vmlinux");
                    yield return Path.Join(root, modules, release, "vmlinux.debug");
                    yield return Path.Join(root, modules, release, "build/vmlinux");
                }
            }
        if (folder == "/")
            yield break;
        yield return Path.Join(folder, "vmlinux");
        yield return Path.Join(folder, "vmlinux.debug");
    }

    private static IEnumerable<string> Cached(string folder, string? id)
    {
        if (id is not null && !id.Contains('/') && !id.Contains('.'))
            yield return Path.Join(folder, id, "debuginfo");
    }

    private static IEnumerable<string> Caches()
    {
        if (Environment.GetEnvironmentVariable("DEBUGINFOD_CACHE_PATH") is { Length: > 0 } told)
            yield return told;
        string home = Environment.GetEnvironmentVariable("HOME") ?? "/root";
        yield return Path.Join(Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache ? cache
            : Path.Join(home, ".cache"), "debuginfod_client");
        yield return Path.Join(home, ".debuginfod_client_cache");
    }
}
