using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Views;

/// <summary>A loaded BPF program.</summary>
/// <param name="Type">Program type as in bpf(2): socket_filter, kprobe, xdp …</param>
/// <param name="Tag">Hash of its instructions, as bpftool shows it.</param>
/// <param name="LoadedAt">Time of loading, in nanoseconds of CLOCK_BOOTTIME.</param>
/// <param name="User">User id of the process that loaded the program.</param>
public sealed record BpfProgram(uint Id, string Name, string Type, string Tag, uint Instructions, uint JitedBytes, bool Jited,
    ulong LoadedAt,
    uint? User, IReadOnlyList<uint> Maps, VirtualAddress Address);

/// <summary>A BPF map.</summary>
public sealed record BpfMap(uint Id, string Name, string Type, uint KeyBytes, uint ValueBytes, uint MaxEntries, VirtualAddress Address);

/// <summary>BPF programs and maps by id: prog_idr and map_idr of kernel/bpf/syscall.c.</summary>
public sealed class BpfObjects
{
    private const int MaxMaps = 4096;

    private readonly CrashedKernel kernel;
    private readonly List<Damage> damages = [];

    public BpfObjects(CrashedKernel kernel)
    {
        this.kernel = kernel;
        List<BpfProgram> programs = [];
        foreach (StructReader program in Objects("prog_idr", "bpf_prog"))
            Try(() => programs.Add(Program(program)));
        Programs = [.. programs.OrderBy(p => p.Id)];
        List<BpfMap> maps = [];
        foreach (StructReader map in Objects("map_idr", "bpf_map"))
            Try(() => maps.Add(new BpfMap(map.U32("id"), map.Text("name"), TypeName("bpf_map_type", "BPF_MAP_TYPE_", map.U32("map_type")),
                map.U32("key_size"), map.U32("value_size"), map.U32("max_entries"), map.Address)));
        Maps = [.. maps.OrderBy(m => m.Id)];
    }

    public IReadOnlyList<BpfProgram> Programs { get; }

    public IReadOnlyList<BpfMap> Maps { get; }

    public IReadOnlyList<Damage> Damages => damages;

    private IEnumerable<StructReader> Objects(string tree, string type)
    {
        StructType layout = kernel.Struct(type);
        foreach ((_, VirtualAddress at) in XArray.Walk(kernel, kernel.Symbol(tree) + kernel.Struct("idr").Offset("idr_rt"), damages))
            yield return new StructReader(kernel.Memory, layout, at);
    }

    private BpfProgram Program(StructReader program)
    {
        StructReader more = program.Follow("aux") ?? throw new InputException(kernel.Dump.Name, "bpf_prog.aux", -1, "is NULL");
        byte[] tag = new byte[8];
        kernel.Memory.Read(program.AddressOf(program.Has("tag") ? "tag" : "digest"), tag, "bpf_prog.tag");
        List<uint> maps = [];
        VirtualAddress used = more.Pointer("used_maps");
        uint count = more.U32("used_map_cnt");
        if (count > MaxMaps)
            throw new InputException(kernel.Dump.Name, "bpf_prog_aux.used_map_cnt", -1, $"{count} is no number of maps");
        for (uint i = 0; i < count && used.Value != 0; i++)
            maps.Add(kernel.At("bpf_map", kernel.Memory.Pointer(used + 8L * i, "bpf_prog_aux.used_maps")).U32("id"));
        return new BpfProgram(more.U32("id"), more.Text("name"), TypeName("bpf_prog_type", "BPF_PROG_TYPE_", program.U32("type")),
            Convert.ToHexStringLower(tag), program.U32("len"), program.U32("jited_len"), program.U32("jited") != 0, more.U64("load_time"),
            more.Has("user") && more.Follow("user") is { } user ? user.U32("uid") : null, maps, program.Address);
    }

    private string TypeName(string enumeration, string prefix, uint value)
    {
        string? name = kernel.Btf.Value?.Enumerators(enumeration).FirstOrDefault(e => e.Value == value).Name;
        return name is null ? $"type {value}" : (name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : name)
            .ToLowerInvariant();
    }

    private void Try(Action read)
    {
        try
        {
            read();
        }
        catch (InputException e)
        {
            damages.Add(Damage.From(e));
        }
    }
}
