using System.Buffers.Binary;

namespace Kdump.Fuzz.Mutators;

/// <summary>Bytes changed as AFL's havoc stage changes them (afl-fuzz, technical_details.txt): several small steps at random
/// places.</summary>
internal static class Havoc
{
    private static readonly long[] Interesting =
    [
        0, 1, -1, 2, 4, 7, 8, 15, 16, 32, 63, 64, 100, 127, 128, -128, 255, 256, 512, 1000, 1024, 4095, 4096, 32767, -32768, 65535, 65536,
        100_000_000, int.MaxValue, int.MinValue, uint.MaxValue, 1L << 32, 1L << 40, 1L << 47, 1L << 62, long.MaxValue, long.MinValue,
        long.MaxValue - 7, -8, -4096, unchecked((long)0xffff_8880_0000_0000), unchecked((long)0xffff_ffff_8100_0000),
    ];

    public static long Number(Random random) => Interesting[random.Next(Interesting.Length)];

    public static byte[] Mutate(byte[] whole, byte[] other, int max, Random random)
    {
        var bytes = new List<byte>(whole);
        for (int steps = 1 << random.Next(1, 6); steps > 0; steps--)
            Step(bytes, other, random);
        if (bytes.Count > max)
            bytes.RemoveRange(max, bytes.Count - max);
        return [.. bytes];
    }

    private static void Step(List<byte> bytes, byte[] other, Random random)
    {
        if (bytes.Count < 16)
        {
            bytes.InsertRange(random.Next(bytes.Count + 1), Piece(other, random));
            return;
        }
        int at = random.Next(bytes.Count), length = Math.Min(Length(bytes.Count, random), bytes.Count - at);
        switch (random.Next(14))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2 or 3:
                Put(bytes, at, 1 << random.Next(4), Number(random), random);
                break;
            case 4 or 5:
                int width = 1 << random.Next(4);
                if (at + width <= bytes.Count)
                    Put(bytes, at, width, unchecked(Get(bytes, at, width) + random.Next(-35, 36)), random);
                break;
            case 6:
                bytes.RemoveRange(at, length);
                break;
            case 7:
                bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length));
                break;
            case 8:
                Overwrite(bytes, random.Next(bytes.Count), bytes.GetRange(at, length));
                break;
            case 9:
                Overwrite(bytes, at, [.. Enumerable.Repeat((byte)(random.Next(2) == 0 ? random.Next(256) : 0xff * random.Next(2)),
                    length)]);
                break;
            case 10:
                bytes.InsertRange(at, Piece(other, random));
                break;
            case 11:
                Overwrite(bytes, at, Piece(other, random));
                break;
            case 12 when random.Next(8) == 0:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 13 when other.Length > 0 && random.Next(4) == 0:
                bytes.RemoveRange(at, bytes.Count - at);
                bytes.AddRange(other.AsSpan(Math.Min(at, other.Length)));
                break;
            default:
                bytes[at] = unchecked((byte)-bytes[at]);
                break;
        }
    }

    private static int Length(int count, Random random) => 1 + random.Next(random.Next(3) switch
    {
        0 => Math.Min(count, 8), 1 => Math.Min(count, 128), _ => Math.Min(count, 2048),
    });

    private static List<byte> Piece(byte[] other, Random random)
    {
        if (other.Length == 0)
            return [(byte)random.Next(256)];
        int from = random.Next(other.Length);
        return [.. other.AsSpan(from, Math.Min(Length(other.Length, random), other.Length - from))];
    }

    private static void Overwrite(List<byte> bytes, int at, List<byte> piece)
    {
        for (int i = 0; i < piece.Count && at + i < bytes.Count; i++)
            bytes[at + i] = piece[i];
    }

    private static long Get(List<byte> bytes, int at, int width)
    {
        ulong value = 0;
        for (int i = width - 1; i >= 0; i--)
            value = value << 8 | bytes[at + i];
        return unchecked((long)value);
    }

    private static void Put(List<byte> bytes, int at, int width, long value, Random random)
    {
        byte[] raw = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(raw, value);
        byte[] field = raw[..width];
        if (random.Next(3) == 0)
            Array.Reverse(field);
        Overwrite(bytes, at, [.. field]);
    }
}
