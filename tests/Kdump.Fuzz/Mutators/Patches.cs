using System.Buffers.Binary;

namespace Kdump.Fuzz.Mutators;

/// <summary>
/// A large file is mutated by a short list of changes, 16 bytes each: a place and the eight bytes that are put there. Places are where the
/// file is not empty; values are pointers of other places, numbers near the old one, and those that break arithmetic.
/// </summary>
internal static class Patches
{
    private const int Record = 16;

    public static byte[] Apply(byte[] whole, byte[] patches)
    {
        byte[] file = (byte[])whole.Clone();
        for (int at = 0; at + Record <= patches.Length; at += Record)
        {
            int place = (int)(BinaryPrimitives.ReadUInt64LittleEndian(patches.AsSpan(at)) % (ulong)(file.Length - 8));
            patches.AsSpan(at + 8, 8).CopyTo(file.AsSpan(place));
        }
        return file;
    }

    public static byte[] Mutate(byte[] whole, byte[] patches, byte[] other, int[] places, Random random)
    {
        var list = new List<byte>(patches[..(patches.Length / Record * Record)]);
        for (int steps = 1 << random.Next(5); steps > 0; steps--)
        {
            int count = list.Count / Record, at = count == 0 ? 0 : random.Next(count) * Record;
            switch (random.Next(8))
            {
                case 0 when count > 0:
                    list.RemoveRange(at, Record);
                    break;
                case 1 when other.Length >= Record:
                    list.AddRange(other.AsSpan(random.Next(other.Length / Record) * Record, Record));
                    break;
                case 2 when count > 0:
                    // The neighbour of a place that mattered.
                    byte[] near = new byte[Record];
                    long place = Math.Max(0, BinaryPrimitives.ReadInt64LittleEndian([.. list[at..(at + 8)]]) + 4 * random.Next(-8, 9));
                    Write(near, (int)Math.Min(place, whole.Length - 8), whole, places, random);
                    list.AddRange(near);
                    break;
                default:
                    byte[] fresh = new byte[Record];
                    Write(fresh, places[random.Next(places.Length)], whole, places, random);
                    list.AddRange(fresh);
                    break;
            }
        }
        // Many changes at once only hide each other.
        return [.. list.Take(64 * Record)];
    }

    /// <summary>Aligned places whose eight bytes are not all zero; the first kilobytes, where headers are, count more than once.</summary>
    public static int[] Places(byte[] whole)
    {
        var places = new List<int>();
        for (int at = 0; at + 8 <= whole.Length; at += 8)
        {
            if (BinaryPrimitives.ReadUInt64LittleEndian(whole.AsSpan(at)) == 0)
                continue;
            for (int weight = at < 8192 ? Math.Max(1, whole.Length >> 17) : 1; weight > 0; weight--)
                places.Add(at);
        }
        return [.. places];
    }

    private static void Write(byte[] record, int place, byte[] whole, int[] places, Random random)
    {
        place += random.Next(6) == 0 ? Math.Min(random.Next(8), whole.Length - 8 - place) : 0;
        BinaryPrimitives.WriteInt64LittleEndian(record, place);
        long old = BinaryPrimitives.ReadInt64LittleEndian(whole.AsSpan(place));
        long value = random.Next(8) switch
        {
            0 => old ^ 1L << random.Next(64),
            1 => Havoc.Number(random),
            2 => unchecked(old + random.Next(-64, 65)),
            3 => old & ~0xffffL | random.NextInt64(0x10000),
            4 => old & ~0xffff_ffffL | Havoc.Number(random) & 0xffff_ffffL,
            5 => old & 0xffff_ffffL | Havoc.Number(random) << 32,
            _ => BinaryPrimitives.ReadInt64LittleEndian(whole.AsSpan(places[random.Next(places.Length)])),
        };
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(8), value);
    }
}
