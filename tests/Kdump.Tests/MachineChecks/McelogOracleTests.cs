using System.Text;
using Kdump.Diagnosis.MachineChecks.Mcelog;

namespace Kdump.Tests.MachineChecks;

/// <summary>
/// mcelog itself (v208) on records that nobody chose: every Intel model that it has tables for, every kind of code, whole records and
/// damaged ones.
/// </summary>
public sealed class McelogOracleTests
{
    private const int Records = 3000;

    private static readonly uint[] Models =
    [
        0x01, 0x09, 0x0e, 0x0f, 0x17, 0x1c, 0x1d, 0x1a, 0x2c, 0x2e, 0x2a, 0x2d, 0x3a, 0x3e, 0x3c, 0x3f, 0x3d, 0x56, 0x4f, 0x4e, 0x55, 0x57,
            0x85, 0x5f, 0x7d, 0x6a, 0x6c, 0x86, 0x8c, 0xa7, 0x97, 0x8f, 0xcf, 0xad, 0xae, 0xaf, 0xdd, 0xff,
    ];

    [ToolFact("mcelog")]
    public void Random_records_are_printed_as_it_prints_them()
    {
        var random = new Random(20161203);
        var text = new StringBuilder();
        for (int i = 0; i < Records; i++)
            text.Append(Record(random)).Append("## ").Append(i).Append('\n');
        Compare(text.ToString());
    }

    [ToolFact("mcelog")]
    public void Damaged_lines_are_read_as_it_reads_them()
    {
        var random = new Random(20190320);
        var text = new StringBuilder();
        for (int i = 0; i < Records; i++)
        {
            string record = Record(random);
            for (int n = random.Next(1, 4); n > 0; n--)
            {
                int at = random.Next(record.Length);
                record = random.Next(4) switch
                {
                    0 => record[..at],
                    1 => record.Remove(at, 1),
                    2 => record.Insert(at, random.GetItems(["\n", "0x", " ", "-1 ", "STATUS ", "CPU ", "[ 1.2] ", "PPIN 12 "], 1)[0]),
                    _ => record[..at] + "0123456789abcdefx: ABZ<>[]{}"[random.Next(28)] + record[(at + 1)..],
                } + "\n";
            }
            text.Append(record).Append("## ").Append(i).Append('\n');
        }
        Compare(text.ToString());
    }

    private static void Compare(string input)
    {
        string want = Encoding.ASCII.GetString(
            Tool.Run("TZ=UTC LC_ALL=C mcelog --no-dmi --no-syslog --config-file /dev/null --ascii 2> /dev/null", "/",
            Encoding.ASCII.GetBytes(input)));
        using var got = new StringWriter { NewLine = "\n" };
        McelogText.Write(new StringReader(input), got, new McelogOptions());
        string[] theirs = want.Split('\n'), ours = got.ToString().Split('\n');
        int at = Enumerable.Range(0, Math.Max(theirs.Length, ours.Length))
            .FirstOrDefault(i => theirs.ElementAtOrDefault(i) != ours.ElementAtOrDefault(i), -1);
        Assert.True(at < 0,
            $"line {at + 1} of {theirs.Length}\n  mcelog: {theirs.ElementAtOrDefault(at)}\n  kdt:    " +
            $"{ours.ElementAtOrDefault(at)}\nbehind\n" +
                $"{string.Join('\n', theirs.Skip(Math.Max(0, at - 12)).Take(Math.Min(12, Math.Max(0, at))))}");
    }

    private static string Record(Random r)
    {
        uint model = r.GetItems(Models, 1)[0];
        uint id = r.Next(12) switch { 0 => 0xf00 | ((uint)r.Next(7) << 4), 1 => 0x400f10, 2 => 0xf50,
            _ => 0x600 | ((model & 15) << 4) | ((model >> 4) << 16) } | (uint)r.Next(16);
        int vendor = id >> 4 == 0xf5 ? 2 : 0, mcg = r.Next(16);
        ulong status = Code(r) | ((ulong)r.Next(1 << 16) << 16 & (r.Next(2) == 0 ? 0xff00000 : ulong.MaxValue)) | (
            (ulong)r.NextInt64(1L << 31) << 32) | (r.Next(20) == 0 ? 0 : 1UL << 63);
        // Behind the tables of Ice Lake and Sapphire Rapids, which have 32 banks, mcelog reads whatever memory is there.
        int bank = r.Next(32);
        string prefix = r.Next(2) == 0 ? "" : "[   12.345678] mce: [Hardware Error]: ";
        return $"{prefix}CPU {r.Next(256)}: Machine Check{((mcg & 4) != 0 ? " Exception" : "")}: {mcg:x} Bank {bank}: {status:x16}\n" +
            $"{prefix}TSC {r.NextInt64(1L << 40):x} ADDR {r.NextInt64(1L << 46):x} MISC {r.NextInt64():x} \n" +
                (r.Next(4) == 0 ? $"MCGCAP {r.Next(1 << 28):x}\n" : "") +
            $"{prefix}PROCESSOR {vendor}:{id:x} TIME {r.NextInt64(1L << 31)} SOCKET {r.Next(4)} APIC {r.Next(256):x}\n";
    }

    private static ulong Code(Random r) => (uint)(r.Next(8) switch
    {
        0 => r.Next(8), 1 => 0x10 + r.Next(16), 2 => 0x80 + r.Next(128), 3 => 0x100 + r.Next(256), 4 => 0x280 + r.Next(128), 5 =>
            0x400 + r.Next(1024), 6 => 0x800 + r.Next(2048), _ => r.Next(1 << 16),
    }) | (r.Next(8) == 0 ? 0x1000UL : 0);
}
