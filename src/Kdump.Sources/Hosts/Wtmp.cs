using System.Buffers.Binary;
using System.Text;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Hosts;

/// <summary>
/// /var/log/wtmp (utmp(5)): when the machine was booted and shut down. A boot that follows another one without a shutdown between them
/// ended that one by a panic, a reset or a loss of power. A record has 384 bytes, or 400 where its time has 64 bits (arm64).
/// </summary>
internal static class Wtmp
{
    public const string Path = "/var/log/wtmp";

    private const int MaxBytes = 64 << 20, MaxBoots = 64;
    private const short RunLevel = 1, BootTime = 2;

    public static void Collect(MachineTree root, Facts facts)
    {
        if (root.Bytes(Path, MaxBytes) is not { Length: >= 384 } bytes)
            return;
        int size;
        if (bytes.Length % 384 == 0)
            size = 384;
        else
            size = bytes.Length % 400 == 0 ? 400 : 384;
        (long Started, long Ended, string Release)? open = null;
        var boots = new List<(long Started, long Ended, long Next, string Release)>();
        for (int at = 0; at + size <= bytes.Length; at += size)
        {
            ReadOnlySpan<byte> record = bytes.AsSpan(at, size);
            short type = BinaryPrimitives.ReadInt16LittleEndian(record);
            long time = size == 384 ? BinaryPrimitives.ReadUInt32LittleEndian(record[340..])
                : BinaryPrimitives.ReadInt64LittleEndian(record[344..]);
            if (type == RunLevel && Text(record.Slice(44, 32)) == "shutdown" && time < 1L << 35 && open is { } running)
                open = running with { Ended = time };
            else if (type == BootTime && time is > 0 and < 1L << 35)
            {
                if (open is { } before)
                    boots.Add((before.Started, before.Ended, time, before.Release));
                open = (time, 0, Text(record.Slice(76, 256)));
            }
        }
        if (open is { } last)
            boots.Add((last.Started, 0, 0, last.Release));
        foreach ((long started, long ended, long next, string release) in boots.TakeLast(MaxBoots))
            facts.Add(new PastBoot(new Source(root.Shown(Path), $"boot of {release} at {UtcTime.Minute(started)}" +
                next switch
                {
                    0 => ", the present one",
                    _ when ended > 0 => $", shut down at {UtcTime.Minute(ended)}",
                    _ => $", no shutdown before the next boot at {UtcTime.Minute(next)}",
                }), started, ended, next, release));
    }

    private static string Text(ReadOnlySpan<byte> field)
    {
        int end = field.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? field : field[..end]);
    }
}
