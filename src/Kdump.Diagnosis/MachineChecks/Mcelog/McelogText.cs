using System.Globalization;
using System.Text;
using Kdump.Diagnosis.MachineChecks.Records;

namespace Kdump.Diagnosis.MachineChecks.Mcelog;

/// <summary>
/// What <c>mcelog --ascii</c> (v208) prints for the same bytes, so that scripts made for it can go on and its answers can be compared.
/// </summary>
/// <remarks>
/// Of this whole folder: the quoted words are what mcelog prints, spelling mistakes and all, learnt from its output for many records and
/// from the manuals that it follows. They are here because a text that is to be diffed with mcelog's must be equal to it, and for nothing
/// else: code that judges (kind, severity, advice) stands in the folder above and has words of its own. No code is mcelog's, which is
/// under another licence (GPL 2).
/// </remarks>
public sealed class McelogText(TextWriter output, McelogOptions options)
{
    private const string Banner = "Hardware event. This is not a software error.";

    private int records;
    private Cpu cpu = options.Cpu ?? Cpu.Generic;

    /// <summary>Decodes a whole input, line by line as C's getline reads it; returns how many records there were.</summary>
    public static int Write(TextReader input, TextWriter output, McelogOptions options)
    {
        var text = new McelogText(output, options);
        var reader = new McelogReader(text.Write, output.Write, options.Raw);
        var line = new StringBuilder();
        for (int c = input.Read(); c >= 0; c = input.Read())
        {
            // A line without a line break must not be collected without limit.
            if (line.Length < 64 * 1024)
                line.Append((char)c);
            if (c != '\n')
                continue;
            reader.Line(line.ToString());
            line.Clear();
        }
        if (line.Length > 0)
            reader.Line(line.ToString());
        reader.End();
        return text.records;
    }

    /// <summary>The processor that the last record was decoded for; a record that names none is taken to be of the same.</summary>
    internal Cpu Cpu => cpu;

    internal void Write(McelogRecord record)
    {
        records++;
        if (options.Cpu is null && record.CpuId != 0)
            cpu = CpuOf(record.CpuVendor, new CpuId(record.CpuId));
        if (options.Raw)
        {
            WriteRaw(record);
            return;
        }
        if (!record.Banner)
            output.Write(Banner + "\n");
        WriteDecoded(record);
        if (record.Symbol.Length > 0)
            output.Write($"RIP: {record.Symbol}\n");
        if (record.Missing)
            output.Write("(Fields were incomplete)\n");
    }

    internal static Cpu CpuOf(uint vendor, CpuId id) => vendor switch
    {
        0 => CpuId.Intel(id.Family, id.McelogModel),
        2 when id.Family is >= 15 and <= 17 => Cpu.K8,
        _ => Cpu.Generic,
    };

    private void WriteDecoded(McelogRecord record)
    {
        output.Write($"CPU {record.Cpu} {BankName(record.Bank)} ");
        if (record.Tsc != 0)
            output.Write($"TSC {record.Tsc:x} {Uptime(record.Tsc)}");
        output.Write('\n');
        if (record.Ip != 0)
            output.Write($"RIP{((record.McgStatus & MciStatus.Eipv) == 0 ? " !INEXACT!" : "")} {record.Cs:x2}:{record.Ip:x}\n");
        string misc = (record.Status & MciStatus.MiscV) != 0 ? $"MISC {record.Misc:x} " : "";
        string addr = (record.Status & MciStatus.AddrV) != 0 ? $"ADDR {record.Addr:x} " : "";
        if (misc.Length + addr.Length > 0)
            output.Write(misc + addr + '\n');
        if (record.Time != 0)
            output.Write($"TIME {record.Time} {(CTime.Of(record.Time) is { } time ? time + "\n" : "(null)")}");
        output.Write(ModelText(record).ToString());
        output.Write($"STATUS {record.Status:x} MCGSTATUS {record.McgStatus:x}\n");
        string ids = (record.Filled > McelogRecord.CpuIdAt && record.McgCap != 0 ? $"MCGCAP {record.McgCap:x} " : "") +
            (record.Filled > McelogRecord.ApicAt ? $"APICID {record.Apic:x} " : "") +
                (record.Filled > McelogRecord.SocketAt ? $"SOCKETID {record.Socket:x} " : "");
        if (ids.Length > 0)
            output.Write(ids + '\n');
        if (record.HasCpuId)
        {
            var id = new CpuId(record.CpuId);
            output.Write($"CPUID Vendor {VendorName(record.CpuVendor)} Family {id.Family} Model {id.McelogModel} Step {id.Stepping}\n");
        }
    }

    internal DecodedText ModelText(McelogRecord record)
    {
        var text = new DecodedText();
        int socket = record.Filled > McelogRecord.SocketAt ? unchecked((int)record.Socket) : -1;
        if (cpu == Cpu.K8)
            K8.Decode(record.Bank, record.Status, record.Misc, text);
        else if (cpu >= Cpu.Intel)
            IntelText.Decode(new(cpu, record.Bank, record.Status, record.Misc, record.McgStatus, record.McgCap, record.Cpu, socket,
                record.Apic), text);
        return text;
    }

    private string BankName(int bank)
    {
        if (bank >= 128)
        {
            return bank switch
            {
                128 => "THERMAL EVENT",
                // mcelog's own bank for time-outs lies inside the range that it gives to thresholds of AMD, but behind their end.
                218 => "Timeout waiting for exception on other CPUs",
                >= K8.ThresholdBase and <= K8.ThresholdTop => K8.BankName(bank),
                255 => "ACPI/APEI reported error",
                _ => $"Undecoded extended event {bank:x}",
            };
        }
        return cpu == Cpu.K8 ? K8.BankName(bank) : $"BANK {bank}";
    }

    private static string VendorName(uint vendor) => vendor switch
    {
        4 or 6 => $"vendor {vendor}",
        < 9 => CpuId.VendorName(vendor),
        _ => "Unknown vendor",
    };

    private string Uptime(ulong tsc)
    {
        if (options.Mhz is not { } mhz || mhz is not (>= 1 and < 1e6))
            return "";
        ulong perSecond = (ulong)(mhz * 1_000_000);
        ulong seconds = tsc / perSecond;
        return $"[at {mhz.ToString("0", CultureInfo.InvariantCulture)} Mhz {seconds / 86400} days " +
            $"{seconds / 3600 % 24}:{seconds / 60 % 60}:{seconds % 60} uptime (unreliable)]";
    }

    private void WriteRaw(McelogRecord record)
    {
        output.Write(
            $"CPU {record.Cpu}\nBANK {record.Bank}\nTSC {Prefixed(record.Tsc)}\nRIP {Prefixed(record.Cs, 2)}:{Prefixed(record.Ip)}\n");
        output.Write(
            $"MISC {Prefixed(record.Misc)}\nADDR {Prefixed(record.Addr)}\nSTATUS {Prefixed(record.Status)}\nMCGSTATUS " +
            $"{Prefixed(record.McgStatus)}\n");
        if (record.Filled > McelogRecord.CpuIdAt)
            output.Write($"PROCESSOR {record.CpuVendor}:{Prefixed(record.CpuId)}\n");
        if (record.Filled > 48)
            output.Write($"TIME {record.Time}\n");
        if (record.Filled > McelogRecord.SocketAt)
            output.Write($"SOCKETID {record.Socket}\n");
        if (record.Filled > McelogRecord.ApicAt)
            output.Write($"APICID {record.Apic}\n");
        if (record.Filled > 80)
            output.Write($"MCGCAP {Prefixed(record.McgCap)}\n");
        output.Write('\n');
    }

    /// <summary>C's <c>%#llx</c>: no prefix on a zero.</summary>
    private static string Prefixed(ulong value, int width = 1) => value == 0 ? new string('0', width) : $"0x{value:x}";
}
