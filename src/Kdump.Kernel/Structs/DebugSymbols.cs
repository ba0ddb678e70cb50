using Kdump.Formats.Bytes;
using Kdump.Formats.Dwarf;
using Kdump.Formats.Elf;

namespace Kdump.Kernel.Structs;

/// <summary>
/// The debugging information of a vmlinux that the user has, and of modules' files, laid over the dump: an extra, which nothing here needs.
/// It is only taken when its build id is the dead kernel's.
/// </summary>
public sealed class DebugSymbols : IDisposable
{
    private const uint BuildIdNote = 3;
    private const int MaxNotes = 1 << 16, MaxBanner = 512;

    /// <summary>Folders of the kernel's source that have code.</summary>
    private static readonly string[] Folders = ["arch/", "block/", "certs/", "crypto/", "drivers/", "fs/", "include/", "init/", "io_uring/",
        "ipc/", "kernel/", "lib/", "mm/", "net/", "rust/", "security/", "sound/", "virt/"];

    private readonly CrashedKernel kernel;
    private readonly DebugFile file;

    /// <summary>From addresses of the file to those of the dump.</summary>
    private readonly ulong slide;

    private readonly Dictionary<ulong, IReadOnlyList<SourcePlace>> known = [];
    private readonly Dictionary<string, string?> types = new(StringComparer.Ordinal);
    private readonly Dictionary<KernelModule, ModuleDebug?> modules = [];
    private readonly List<Damage> missing = [];
    private string? root;

    private DebugSymbols(CrashedKernel kernel, DebugFile file, ulong slide)
    {
        this.kernel = kernel;
        this.file = file;
        this.slide = slide;
    }

    public string Path => file.Path;

    /// <summary>Files that may be a module's, by its name and build id (null where it is not known). None at first.</summary>
    public Func<string, string?, IReadOnlyList<string>> ModuleFiles { get; set; } = (_, _) => [];

    /// <summary>Modules that were asked for since the last call and have no debugging information here, and why.</summary>
    public IReadOnlyList<Damage> TakeMissing()
    {
        Damage[] taken = [.. missing];
        missing.Clear();
        return taken;
    }

    /// <summary>Takes the file of these that is the dead kernel's own.</summary>
    /// <param name="asked">What the user gave, for messages.</param>
    /// <param name="candidates">Files that may be it.</param>
    /// <exception cref="InputException">None is; the message has the build ids.</exception>
    public static DebugSymbols Open(CrashedKernel kernel, string asked, IReadOnlyList<string> candidates)
    {
        string? wanted = BuildIdOf(kernel);
        List<string> others = [];
        foreach (string path in candidates)
        {
            DebugFile file = DebugFile.Open(path);
            try
            {
                if (Other(kernel, file, wanted) is not { } other)
                    return new DebugSymbols(kernel, file, Slide(kernel, file));
                if (candidates.Count == 1)
                    throw new InputException(path, "build id", -1, other);
                others.Add($"{path}: {other}");
                file.Dispose();
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
        string name = $"vmlinux of {kernel.Release ?? "this kernel"}{(wanted is null ? "" : $", build id {wanted}")}";
        throw new InputException(asked, "--vmlinux", -1, others.Count == 0 ? $"there is no {name}"
            : $"none is the {name}: {string.Join("; ", others)}");
    }

    /// <summary>The place in the source, the innermost inlined function first; empty where the file does not tell.</summary>
    /// <param name="exact">The instruction itself, not the address that a call returns to.</param>
    public IReadOnlyList<SourcePlace> At(VirtualAddress address, bool exact)
    {
        ulong at = unchecked(address.Value - (exact ? 0UL : 1));
        if (known.TryGetValue(at, out IReadOnlyList<SourcePlace>? places))
            return places;
        places = kernel.Modules.Value?.At(address) is { } module ? Of(module)?.At(at) ?? [] : file.Info.At(unchecked(at - slide));
        return known[at] = [.. places.Select(p => p with { File = p.File is { } path ? Short(path) : null })];
    }

    /// <summary>The type of a variable of the kernel or of a module, as C writes it; null where no file tells.</summary>
    public string? TypeOf(string variable)
    {
        if (!types.TryGetValue(variable, out string? type))
            types[variable] = type = file.Info.TypeOf(variable) ?? TypeInModules(variable);
        return type;
    }

    public void Dispose()
    {
        file.Dispose();
        foreach (ModuleDebug? module in modules.Values)
            module?.Dispose();
    }

    private string? TypeInModules(string variable)
    {
        foreach (KernelModule module in kernel.Modules.Value?.All ?? [])
            if (kernel.Modules.Value!.Symbols(module)?.FindAll(variable).Any() == true && Of(module)?.TypeOf(variable) is { } type)
                return type;
        return null;
    }

    private ModuleDebug? Of(KernelModule module)
    {
        if (modules.TryGetValue(module, out ModuleDebug? known))
            return known;
        string? id = ModuleDebug.BuildIdOf(kernel, module);
        modules[module] = known = ModuleDebug.Open(kernel, module, id, ModuleFiles(module.Name, id), out string why);
        if (known is null)
            missing.Add(new Damage(file.Path, $"module {module.Name}", -1, why));
        return known;
    }

    /// <summary>A path below the kernel's source, as it is known there: the folder of init/main.c is the measure.</summary>
    private string Short(string path)
    {
        root ??= file.Symbol("start_kernel") is { } start && file.Info.At(start) is [.., { File: { } main }] &&
            Plain(main) is var plain && plain.EndsWith("/init/main.c", StringComparison.Ordinal) ? plain[..^"init/main.c".Length] : "/";
        string whole = Plain(path);
        // Assembly is compiled by its whole path, which is that of the source, while C's may be relative to a build folder in it.
        for (int end = root.Length; end > 1; end = root.LastIndexOf('/', end - 2) + 1)
            if (whole.AsSpan().StartsWith(root.AsSpan(0, end), StringComparison.Ordinal) &&
                (end == root.Length || Array.Exists(Folders, f => whole.AsSpan(end).StartsWith(f, StringComparison.Ordinal))))
                return whole[end..];
        return whole;
    }

    /// <summary>Without "." and "..".</summary>
    private static string Plain(string path)
    {
        List<string> parts = [];
        foreach (string part in path.Split('/'))
            if (part == ".." && parts.Count > 0 && parts[^1] != "..")
                parts.RemoveAt(parts.Count - 1);
            else if (part.Length > 0 && part != ".")
                parts.Add(part);
        return (path.StartsWith('/') ? "/" : "") + string.Join('/', parts);
    }

    /// <summary>Why the file is not this kernel's; null where it is.</summary>
    private static string? Other(CrashedKernel kernel, DebugFile file, string? wanted)
    {
        string? its = file.BuildId;
        if (wanted is not null && its is not null)
            return wanted == its ? null : $"its build id is {its}, the dump's {wanted}";
        // Kernels before Linux commit 0935288c6e00 ("kdump: append kernel build-id string to VMCOREINFO") (v5.9) name themselves by their
        // banner.
        string? banner = kernel.FindSymbol("linux_banner") is { } at ? kernel.Memory.Text(at, MaxBanner) : null;
        string? other = file.Symbol("linux_banner") is { } linked ? file.TextAt(linked, MaxBanner) : null;
        if (banner is null || other is null)
            return $"{(wanted is null ? "the dump" : "it")} tells no build id, and the two cannot be compared by linux_banner";
        return banner == other ? null : $"its kernel is '{other.Trim()}', the dump's '{banner.Trim()}'";
    }

    private static ulong Slide(CrashedKernel kernel, DebugFile file)
    {
        if (!file.HasInfo)
            throw new InputException(file.Path, ".debug_info", -1, "it has no debugging information: it was stripped");
        foreach (string name in (ReadOnlySpan<string>)["_stext", "_text"])
            if (file.Symbol(name) is { } linked && kernel.FindSymbol(name) is { } loaded)
                return unchecked(loaded.Value - linked);
        throw new InputException(file.Path, "_stext", -1,
            "it does not have this symbol, or the dump does not: where it was loaded is not known");
    }

    private static string? BuildIdOf(CrashedKernel kernel)
    {
        if (kernel.Dump.VmcoreInfo?.BuildId is { Length: > 0 } told)
            return told;
        if (kernel.FindSymbol("__start_notes") is not { } start || kernel.FindSymbol("__stop_notes") is not { } end ||
            end <= start || end.Value - start.Value > MaxNotes)
            return null;
        byte[] notes = new byte[(int)(end.Value - start.Value)];
        List<Damage> ignored = [];
        if (kernel.Memory.TryRead(start, notes))
            foreach (ElfNote note in ElfNotes.Read(notes, "notes", bigEndian: false, ignored))
                if (note is { Name: "GNU", Type: BuildIdNote })
                    return Convert.ToHexStringLower(note.Description.Span);
        return null;
    }
}
