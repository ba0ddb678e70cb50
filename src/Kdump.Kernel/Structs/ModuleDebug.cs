using Kdump.Formats.Bytes;
using Kdump.Formats.Dwarf;
using Kdump.Formats.Elf;

namespace Kdump.Kernel.Structs;

/// <summary>
/// The debugging information of one module, out of its own file (NAME.ko.debug, NAME.ko): relocatable, so where the kernel put each section
/// is told by the functions that both the file and the module's symbol table in the dump name. It is only taken when its build id is that
/// of the note in the module's memory; where one of them has none, most of its functions must be the module's.
/// </summary>
public sealed class ModuleDebug : IDisposable
{
    private const ulong Executable = 4;

    /// <summary>Elf64_Nhdr of .note.gnu.build-id with a SHA-1, and its name.</summary>
    private static readonly byte[] NoteHead = [4, 0, 0, 0, 20, 0, 0, 0, 3, 0, 0, 0, (byte)'G', (byte)'N', (byte)'U', 0];

    private const int IdBytes = 20;

    /// <summary>The largest module (amdgpu) has 15 MB; a damaged one may claim any size.</summary>
    private const uint MaxRange = 64 << 20;

    private readonly DebugFile file;

    private ModuleDebug(DebugFile file) => this.file = file;

    /// <summary>Takes the file of these that is the module's.</summary>
    /// <param name="id">The loaded module's build id; null where it is not known.</param>
    /// <param name="why">Why none is, where none is.</param>
    public static ModuleDebug? Open(CrashedKernel kernel, KernelModule module, string? id, IReadOnlyList<string> candidates, out string why)
    {
        why = candidates.Count == 0 ? "no file of it was found" : "";
        foreach (string path in candidates)
        {
            DebugFile? file = null;
            try
            {
                file = DebugFile.Open(path);
                string? other;
                if (!file.IsRelocatable)
                    other = "it is no module's";
                else if (!file.HasInfo)
                    other = "it has no debugging information: it was stripped";
                else if (id is not null && file.BuildId is { } its && its != id)
                    other = $"its build id is {its}, the loaded module's {id}";
                else if (!Place(kernel, module, file, sure: id is not null && file.BuildId is not null))
                    other = "its functions are not where the loaded module has them";
                else
                    other = null;
                if (other is null)
                    return new ModuleDebug(file);
                why = $"{path}: {other}";
            }
            catch (InputException e)
            {
                why = e.Message;
            }
            file?.Dispose();
        }
        return null;
    }

    /// <summary>The place of an address of the dump, the innermost inlined function first.</summary>
    public IReadOnlyList<SourcePlace> At(ulong address) => file.Info.At(address);

    /// <summary>The type of a variable with static storage, as C writes it; null where the file does not tell.</summary>
    public string? TypeOf(string variable) => file.Info.TypeOf(variable);

    public void Dispose() => file.Dispose();

    /// <summary>The build id of a loaded module, in hexadecimal; null where its memory has none.</summary>
    public static string? BuildIdOf(CrashedKernel kernel, KernelModule module)
    {
        foreach ((VirtualAddress start, uint size) in module.Ranges)
        {
            if (size < NoteHead.Length + IdBytes || size > MaxRange)
                continue;
            byte[] bytes = new byte[size];
            if (!kernel.Memory.TryRead(start, bytes))
                continue;
            int at = bytes.AsSpan(0, bytes.Length - IdBytes).IndexOf(NoteHead);
            if (at >= 0)
                return Convert.ToHexStringLower(bytes.AsSpan(at + NoteHead.Length, IdBytes));
        }
        return null;
    }

    /// <summary>Tells the file where its sections lie. False where its functions and the dump's do not fit together.</summary>
    private static bool Place(CrashedKernel kernel, KernelModule module, DebugFile file, bool sure)
    {
        if (kernel.Modules.Value?.Symbols(module) is not { } loaded)
            return false;
        Dictionary<string, ulong?> addresses = new(StringComparer.Ordinal);
        for (int i = 0; i < loaded.Count; i++)
            addresses[loaded[i].Name] = addresses.ContainsKey(loaded[i].Name) ? null : loaded[i].Address.Value;
        ElfSymbols symbols = file.Symbols;
        Dictionary<string, int> uses = new(StringComparer.Ordinal);
        for (int i = 0; i < symbols.Count; i++)
            if (IsCode(file, symbols[i]))
                uses[symbols.Name(symbols[i])] = uses.GetValueOrDefault(symbols.Name(symbols[i])) + 1;
        Dictionary<int, HashSet<ulong>> starts = [];
        int found = 0;
        for (int i = 0; i < symbols.Count; i++)
        {
            ElfSymbol symbol = symbols[i];
            if (!IsCode(file, symbol) || symbols.Name(symbol) is not { Length: > 0 } name || uses[name] > 1 ||
                !addresses.TryGetValue(name, out ulong? known) || known is not { } address)
                continue;
            found++;
            if (!starts.TryGetValue(symbol.Section, out HashSet<ulong>? section))
                starts[symbol.Section] = section = [];
            section.Add(unchecked(address - symbol.Value));
        }
        // A file of another build puts a section at as many places as it has functions. Those of .init.text are given back.
        if (found == 0 || starts.Values.Any(s => s.Count > 1) || (!sure && found * 2 < uses.Count))
            return false;
        foreach ((int section, HashSet<ulong> start) in starts)
            file.Load(section, start.First());
        return true;
    }

    private static bool IsCode(DebugFile file, ElfSymbol symbol) => symbol.Type is 0 or 2 && symbol.Section > 0 &&
        symbol.Section < file.Sections.Count && (file.Sections[symbol.Section].Flags & Executable) != 0;
}
