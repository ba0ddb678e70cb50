using Kdump.Diagnosis.MachineChecks.Records;

namespace Kdump.Diagnosis.MachineChecks.Amd;

/// <summary>
/// The lines that the kernel's decoder adds for a machine check of AMD (drivers/edac/mce_amd.c, as of 6.19), for logs in which it was
/// not loaded, and to compare with where it was. Its stray empty line behind the syndrome is left out.
/// </summary>
internal static class EdacText
{
    private const string Prefix = "[Hardware Error]: ";

    public static void Write(MachineCheck r, DecodedText text)
    {
        ulong s = r.Status ?? 0;
        CpuId id = r.Id ?? default;
        text.Line(Prefix + Sentence(s, r.McgStatus ?? 0));
        text.Line($"{Prefix}CPU:{r.Cpu ?? 0} ({id.Family:x}:{id.Model:x}:{id.Stepping:x}) MC{r.Bank}_STATUS[{Flags(r, s, id)}]: 0x{s:x16}");
        if ((s & MciStatus.AddrV) != 0)
            text.Line($"{Prefix}Error Addr: 0x{r.Addr ?? 0:x16}");
        if (r.Ppin is > 0)
            text.Line($"{Prefix}PPIN: 0x{r.Ppin:x16}");
        if (r.IsScalable)
            Scalable(r, s, text);
        else
        {
            if (r.Tsc is > 0)
                text.Line($"{Prefix}TSC: {r.Tsc}");
            Legacy.Write(r, text);
        }
        ErrorCode((uint)(s & 0xffff), text);
    }

    /// <summary>The kernel's own order; rasdaemon calls every uncorrected error "software containable" (its issue 251).</summary>
    internal static string Sentence(ulong status, ulong mcgStatus)
    {
        if ((status & MciStatus.Uc) == 0)
        {
            return (status & MciStatus.Deferred) != 0 ? "Deferred error, no action required."
                : "Corrected error, no action required.";
        }
        if ((status & MciStatus.Pcc) != 0)
            return "System Fatal error.";
        return (mcgStatus & MciStatus.Ripv) != 0 ? "Uncorrected, software restartable error."
            : "Uncorrected, software containable error.";
    }

    private static string Flags(MachineCheck r, ulong s, CpuId id)
    {
        var flags = new List<string>
        {
            If(s, MciStatus.Over, "Over"),
            (s & MciStatus.Uc) switch { not 0 => "UE", _ when (s & MciStatus.Deferred) != 0 => "-", _ => "CE" },
            If(s, MciStatus.MiscV, "MiscV"),
            If(s, MciStatus.AddrV, "AddrV"),
            If(s, MciStatus.Pcc, "PCC"),
        };
        if (r.IsScalable)
        {
            flags.Add(If(s, MciStatus.Tcc, "TCC"));
            flags.Add(If(s, MciStatus.SyndV, "SyndV"));
        }
        // The two bits make one column, and none when both are clear: the number of columns varies.
        ulong ecc = (s >> 45) & 3;
        if (ecc != 0)
            flags.Add(ecc == 2 ? "CECC" : "UECC");
        if (id.Family >= 0x15)
        {
            flags.Add(If(s, MciStatus.Deferred, "Deferred"));
            if (id.Family != 0x15 || r.Bank != 4)
                flags.Add(If(s, MciStatus.Poison, "Poison"));
        }
        if (id.Family >= 0x17)
            flags.Add(If(s, MciStatus.Scrub, "Scrub"));
        return string.Join('|', flags);
    }

    private static string If(ulong status, ulong bit, string name) => (status & bit) != 0 ? name : "-";

    private static void Scalable(MachineCheck r, ulong s, DecodedText text)
    {
        ulong ipid = r.Ipid ?? 0;
        // The kernel leaves out an IPID of zero; rasdaemon's database has none at all.
        if (r.Ipid is not null || r.UnitName is null)
            text.Line($"{Prefix}IPID: 0x{ipid:x16}" + ((s & MciStatus.SyndV) != 0 ? $", Syndrome: 0x{r.Synd ?? 0:x16}" : ""));
        if (r.FruText is { } fru)
            text.Line($"{Prefix}FRU Text: {fru}");
        if ((r.UnitName is null ? Smca.Find(ipid) : Smca.Of(r)) is not { } unit)
            return;
        if (unit.Name == "RESERVED")
            text.Line($"{Prefix}Bank {r.Bank} is reserved.");
        else
        {
            text.Line($"{Prefix}{(unit.KernelPrintsNull ? "(null)" : unit.Words)} Ext. Error Code: {(s >> 16) & 0x3f}");
            if (unit.KernelPrintsNull)
                text.Note($"the kernel has no name for this unit and prints (null): it is the {unit.Words}");
        }
    }

    private static void ErrorCode(uint ec, DecodedText text)
    {
        if (AmdCode.IsInternal(ec))
        {
            text.Line($"{Prefix}internal: {(((ec >> 8) & 3) == 2 ? "HWA" : "RESV")}");
            return;
        }
        string line = $"{Prefix}cache level: {AmdCode.Level(ec)}, " +
            $"{(AmdCode.IsBus(ec) ? $"mem/io: {AmdCode.Target(ec)}" : $"tx: {AmdCode.Transaction(ec)}")}";
        if (AmdCode.IsMemory(ec) || AmdCode.IsBus(ec))
            line += $", mem-tx: {AmdCode.Request(ec)}";
        if (AmdCode.IsBus(ec))
            line += $", part-proc: {AmdCode.Participation(ec)} ({((ec >> 8 & 1) != 0 ? "timed out" : "no timeout")})";
        text.Line(line);
    }
}
