using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Views;

/// <summary>
/// The unfinished requests of a blk-mq queue, by its tags (block/blk-mq-tag.c): requests that the driver may have are in tags, those of
/// the I/O scheduler in sched_tags. Hardware queues: queue_hw_ctx[] until Linux commit 4e5cc99e1e48 ("blk-mq: manage hctx map via
/// xarray") (v5.19), hctx_table since.
/// </summary>
internal sealed class BlockQueue
{
    private const uint MaxQueues = 8192;
    private const int MaxRequests = 1_000_000;

    private readonly CrashedKernel kernel;
    private readonly List<Damage> damages;
    private readonly BioOwner owners;
    private readonly ulong? now;
    private readonly Dictionary<long, string> operations = [];
    private readonly List<(int Bit, string Name)> flags = [];
    private readonly StructType? requestType;

    public BlockQueue(CrashedKernel kernel, Tasks? tasks, List<Damage> damages)
    {
        this.kernel = kernel;
        this.damages = damages;
        owners = new BioOwner(kernel, tasks);
        now = Timekeeper.MonotonicOf(kernel);
        requestType = kernel.Btf.Value?.Struct("request");
        // enum req_opf until 5.20, req_op since.
        foreach (string name in (string[])["req_op", "req_opf"])
            foreach ((string op, long value) in kernel.Btf.Value?.Enumerators(name) ?? [])
                operations.TryAdd(value, Word(op, "REQ_OP_"));
        foreach ((string flag, long bit) in kernel.Btf.Value?.Enumerators("req_flag_bits") ?? [])
            if (flag.StartsWith("__REQ_", StringComparison.Ordinal) && flag != "__REQ_NR_BITS")
                flags.Add(((int)bit, Word(flag, "__REQ_")));
    }

    public List<BlockRequest> Read(StructReader queue)
    {
        List<BlockRequest> found = [];
        if (requestType is null || !queue.Has("mq_ops") || queue.U64("mq_ops") == 0)
            return found;
        HashSet<ulong> seen = [];
        foreach (StructReader hardware in Hardware(queue))
        {
            Collect(hardware, "tags", "rqs");
            Collect(hardware, "sched_tags", "static_rqs");
        }
        found.Sort((a, b) => (b.Age ?? 0).CompareTo(a.Age ?? 0) is not 0 and var by ? by : a.Address.CompareTo(b.Address));
        return found;

        void Collect(StructReader hardware, string member, string array)
        {
            try
            {
                if (!hardware.Has(member) || hardware.Follow(member) is not { } tags)
                    return;
                foreach ((string bitmap, uint first) in (ReadOnlySpan<(string, uint)>)
                    [("breserved_tags", 0u), ("bitmap_tags", tags.U32("nr_reserved_tags"))])
                {
                    VirtualAddress requests = tags.Pointer(array);
                    foreach (uint bit in SBitmap.Set(kernel, Bitmap(tags, bitmap)))
                    {
                        ulong at = kernel.Memory.U64(requests + 8L * (first + bit), $"blk_mq_tags.{array}");
                        if (at == 0 || found.Count >= MaxRequests)
                            continue;
                        StructReader request = new(kernel.Memory, requestType, new VirtualAddress(at));
                        // The disks of a host adapter may share their tags.
                        if (request.Pointer("q") == queue.Address && seen.Add(at))
                            found.Add(Request(request, hardware.S32("queue_num")));
                    }
                }
            }
            catch (InputException e)
            {
                damages.Add(Damage.From(e));
            }
        }
    }

    public IEnumerable<StructReader> Hardware(StructReader queue)
    {
        StructType type = kernel.Struct("blk_mq_hw_ctx");
        if (queue.Has("hctx_table"))
        {
            foreach ((_, VirtualAddress entry) in XArray.Walk(kernel, queue.AddressOf("hctx_table"), damages))
                yield return new StructReader(kernel.Memory, type, entry);
            yield break;
        }
        VirtualAddress table = queue.Pointer("queue_hw_ctx");
        uint count = queue.U32("nr_hw_queues");
        if (count > MaxQueues)
            throw new InputException(kernel.Dump.Name, "request_queue.nr_hw_queues", -1, $"{count} is no number of hardware queues");
        for (uint i = 0; i < count; i++)
            if (kernel.Memory.TryU64(table + 8L * i, out ulong at) && at != 0)
                yield return new StructReader(kernel.Memory, type, new VirtualAddress(at));
    }

    /// <summary>
    /// A bitmap of tags: behind a pointer from 5.9 to 5.15 (because hosts share them), a member of the tags before and after.
    /// </summary>
    private StructReader Bitmap(StructReader tags, string member)
    {
        StructType type = kernel.Struct("sbitmap_queue");
        VirtualAddress at = tags.Type.SizeOf(member) == 8 ? tags.Pointer(member) : tags.AddressOf(member);
        return new StructReader(kernel.Memory, type, at).Inner("sb");
    }

    private BlockRequest Request(StructReader of, int queue)
    {
        uint command = of.U32("cmd_flags");
        VirtualAddress bio = of.Pointer("bio");
        string? endIo = null, cgroup = null;
        TaskStruct? owner = null;
        try
        {
            if (bio.Value != 0)
                (endIo, owner, cgroup) = owners.Of(bio);
        }
        catch (InputException e)
        {
            damages.Add(Damage.From(e));
        }
        // enum mq_rq_state: idle, in flight, complete.
        string state = of.First("state") switch { 1 => "in flight", 2 => "completing", 0 => "waiting", _ => "?" };
        return new BlockRequest(of.Address, queue, of.S32("tag") is var tag and >= 0 ? tag : of.S32("internal_tag"), state,
            operations.GetValueOrDefault(command & 0xFF) ?? $"op {command & 0xFF}",
            [.. flags.Where(f => f.Bit is >= 8 and < 32 && (command >> f.Bit & 1) != 0).Select(f => f.Name)],
            of.U64("__sector"), of.U32("__data_len"), AgeOf(of, "start_time_ns"), AgeOf(of, "io_start_time_ns"), of.U32("timeout"), endIo,
                owner,
            cgroup);
    }

    private ulong? AgeOf(StructReader of, string member)
    {
        if (of.Has(member) && now is { } time && of.U64(member) is not 0 and var start)
            return time > start ? time - start : 0;
        return null;
    }

    private static string Word(string name, string prefix) =>
        (name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : name).ToLowerInvariant().Replace('_', '-');
}
