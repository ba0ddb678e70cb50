using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Kdump.Diagnosis.Evidence.Pci;

namespace Kdump.Tests.Pci;

/// <summary>
/// lspci and we decode the same made-up configuration spaces: what our reader takes out of its text must be what we take out of the bytes.
/// Both ways through <see cref="Lspci"/> are tested so, with whatever version of pciutils is installed.
/// </summary>
public sealed class LspciOracleTests
{
    private const int Functions = 500;

    /// <summary>Every version since 3.5 names these bits of the uncorrectable errors, and these of the correctable ones.</summary>
    private const uint Uncorrectable = 0x3ff030, Correctable = 0x31c1;

    [ToolFact("lspci")]
    public void Its_words_and_our_bytes_give_the_same_facts()
    {
        var random = new Random(20251228);
        var dump = new StringBuilder();
        for (int i = 0; i < Functions; i++)
            Write(dump, i, Space(random));
        string folder = Directory.CreateTempSubdirectory("kdt-lspci").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "dump"), dump.ToString());
            string words = Encoding.UTF8.GetString(Tool.Run("lspci -F dump -vvv -n 2> /dev/null", folder));
            LspciFunction[] theirs = Read(words), ours = Read(dump.ToString());
            Assert.Equal(Functions, theirs.Length);
            Assert.True(theirs.Count(f => f.HasAer && f.UeStatus != 0) > 100 && theirs.Count(f => f.Sriov is { Active: > 0 }) > 100 &&
                theirs.Count(f => f.AcsDoes?.Contains('+') == true) > 100 && theirs.Count(f => f.Link is not null) > 400);
            Assert.Equal(theirs.Select(Facts), ours.Select(Facts));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static LspciFunction[] Read(string text) => Evidence.Read.With(new Lspci(), text).Of<LspciFunction>().ToArray();

    private static string Facts(LspciFunction f) => string.Create(CultureInfo.InvariantCulture,
        $"{f.Address} {f.Class} {f.PortType} master {f.BusMaster} memory {f.Memory} bus {f.Secondary}-{f.Subordinate} link {f.Link} of " +
            $"{f.LinkCan} msi {f.Msi} {f.MsiEnabled} msix {f.MsiX} {f.MsiXEnabled} " +
        $"aer {f.HasAer} {f.UeStatus & Uncorrectable:x} {f.UeMask & Uncorrectable:x} {f.CeStatus & Correctable:x} " +
            $"{f.CeMask & Correctable:x} {f.HeaderLog} acs {f.AcsCan} {f.AcsDoes} ari {f.Ari} iov {f.Sriov}");

    private static void Write(StringBuilder dump, int n, byte[] space)
    {
        dump.Append(CultureInfo.InvariantCulture, $"{n >> 8:x2}:{(n >> 3) & 31:x2}.{n & 7} Class\n");
        for (int at = 0; at < space.Length; at += 16)
            dump.Append(CultureInfo.InvariantCulture,
                $"{at:x2}: {string.Join(' ', space[at..(at + 16)].Select(b => b.ToString("x2", CultureInfo.InvariantCulture)))}\n");
        dump.Append('\n');
    }

    /// <summary>A header, MSI, MSI-X and Express, then some of AER, ACS, ARI and SR-IOV in any order.</summary>
    private static byte[] Space(Random r)
    {
        var space = new byte[4096];
        void Word(int at, int value) => BinaryPrimitives.WriteUInt16LittleEndian(space.AsSpan(at), (ushort)value);
        void Dword(int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(space.AsSpan(at), value);
        bool bridge = r.Next(3) == 0;
        Word(0, 0x8086);
        Word(2, r.Next(1 << 16));
        Word(4, r.Next(1 << 11));
        Word(6, 0x10);
        Word(10, bridge ? 0x0604 : 0x0200);
        space[14] = (byte)(bridge ? 1 : 0);
        if (bridge)
            (space[0x19], space[0x1a]) = (1, (byte)r.Next(1, 256));
        space[0x34] = 0x40;
        Word(0x40, 0x5005);
        Word(0x42, r.Next(1 << 9));
        Word(0x50, 0x6011);
        Word(0x52, r.Next(1 << 16));
        space[0x60] = 0x10;
        Word(0x62, 2 | (bridge ? r.Next(4, 7) : r.Next(2)) << 4);
        Dword(0x6c, (uint)(r.Next(1, 6) | 1 << r.Next(4, 9) | r.Next(1 << 18) << 10));
        Word(0x72, r.Next(1, 6) | 1 << r.Next(4, 9));
        int[] kinds = [1, 0xd, 0xe, 0x10];
        r.Shuffle(kinds);
        int here = 0x100;
        for (int i = 0, count = r.Next(5); i < count; i++, here += 0x80)
        {
            Dword(here, (uint)kinds[i] | 0x10000 | (i + 1 < count ? (uint)(here + 0x80) << 20 : 0));
            for (int at = here + 4; at < here + 0x40; at += 4)
                Dword(at, kinds[i] == 0x10 && at >= here + 0x24 ? 0 : (uint)r.NextInt64(1L << 32));
        }
        return space;
    }
}
