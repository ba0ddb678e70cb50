using Kdump.Diagnosis.MachineChecks.Mcelog.Intel;
using Kdump.Diagnosis.MachineChecks.Records;

namespace Kdump.Diagnosis.MachineChecks.Mcelog;

/// <summary>
/// The text of an Intel machine check in mcelog's layout: global status, bank status, the architectural code, then what the model's
/// bank adds. Intel SDM volume 3B, chapters "Machine-Check Architecture" and "Interpreting Machine Check Error Codes".
/// </summary>
internal static class IntelText
{
    public static void Decode(in IntelRecord r, DecodedText text)
    {
        if (r.Bank == 128)
        {
            Thermal(r, text);
            return;
        }
        text.Line("MCG status:" + Named(r.McgStatus, (MciStatus.Ripv, "RIPV "), (MciStatus.Eipv, "EIPV "), (MciStatus.Mcip, "MCIP "),
            (MciStatus.Lmce, "LMCE ")));
        BankStatus(r, text);
        BusFields(r, text);
        ModelFields(r, text);
    }

    private static void Thermal(in IntelRecord r, DecodedText text)
    {
        if ((r.Status & 1) == 0)
        {
            text.Line($"Processor {r.Processor} below trip temperature. Throttling disabled");
            return;
        }
        text.Line($"Processor {r.Processor} heated above trip temperature. Throttling enabled.");
        text.Line("Please check your system cooling. Performance will be impacted");
    }

    private static string Named(ulong register, params ReadOnlySpan<(ulong Bit, string Name)> names)
    {
        string all = "";
        foreach ((ulong bit, string name) in names)
        {
            if ((register & bit) != 0)
                all += name;
        }
        return all;
    }

    private static void BankStatus(in IntelRecord r, DecodedText text)
    {
        ulong s = r.Status;
        text.Line("MCi status:");
        if ((s & MciStatus.Val) == 0)
            text.Line("Machine check not valid");
        if ((s & MciStatus.Over) != 0)
            text.Line("Error overflow");
        text.Line((s & MciStatus.Uc) != 0 ? "Uncorrected error" : "Corrected error" + MirrorOf(r));
        if ((s & MciStatus.En) != 0)
            text.Line("Error enabled");
        if ((s & MciStatus.MiscV) != 0)
            text.Line("MCi_MISC register valid");
        if ((s & MciStatus.AddrV) != 0)
            text.Line("MCi_ADDR register valid");
        if ((s & MciStatus.Pcc) != 0)
            text.Line("Processor context corrupt");
        else if ((s & (MciStatus.S | MciStatus.Ar)) != 0)
            text.Line(((s >> 55) & 3) switch { 1 => "AR", 2 => "SRAO", _ => "SRAR" });
        if ((r.McgCap & MciStatus.SerP) != 0 && (s & MciStatus.FirmwareUpdated) != 0)
            text.Line("Firmware may have updated this error");
        ulong threshold = 0;
        if ((r.McgCap == 0 || (r.McgCap & MciStatus.TesP) != 0) && (s & MciStatus.Uc) == 0)
        {
            threshold = (s >> 53) & 3;
            if (threshold != 0)
            {
                text.Line("Threshold based error status: " + threshold switch { 1 => "green", 2 => "yellow", _ => "res3" });
                if (threshold == 2)
                {
                    text.Line("Large number of corrected cache errors. System operating, but might lead");
                    text.Line("to uncorrected errors soon");
                }
            }
        }
        text.Say("MCA: ");
        McaCode.Write(r, threshold == 2, text);
    }

    /// <summary>With mirrored memory, MISC tells which copy saved the data.</summary>
    private static string MirrorOf(in IntelRecord r)
    {
        (bool bank, int failover, int scrubbed) = r.Model switch
        {
            Cpu.BroadwellEpEx => (r.Bank is 7 or 8, 41, 42),
            Cpu.SkylakeXeon => (r.Bank is 7 or 8, 63, 62),
            Cpu.IceLakeXeon => (r.Bank is 12 or 16 or 20 or 24, 63, 62),
            _ => (false, 0, 0),
        };
        if (!bank || (r.Status & MciStatus.MiscV) == 0)
            return "";
        if ((r.Misc >> failover & 1) != 0)
            return " by mirroring with channel failover";
        return (r.Misc >> scrubbed & 1) != 0 ? " by mirroring. Primary channel scrubbed successfully" : "";
    }

    private static void BusFields(in IntelRecord r, DecodedText text)
    {
        if ((r.Status & 0xffff) >> 11 != 1)
            return;
        switch (r.Model)
        {
            case Cpu.P6Old:
                P6.DecodeBus(r.Status, core2: false, text);
                break;
            case Cpu.Dunnington or Cpu.Core2 or Cpu.Nehalem or Cpu.Xeon75xx:
                P6.DecodeBus(r.Status, core2: true, text);
                break;
            case Cpu.Tulsa or Cpu.P4:
                Netburst.DecodeBus(r.Status, text);
                break;
        }
    }

    private static void ModelFields(in IntelRecord r, DecodedText text)
    {
        switch (r.Model)
        {
            case Cpu.Nehalem:
                Nehalem.Decode(r.Status, r.Misc, text);
                break;
            case Cpu.Xeon75xx:
                Nehalem.Internal(r.Status, text);
                break;
            case Cpu.Dunnington:
                Dunnington.Decode(r.Status, text);
                break;
            case Cpu.Tulsa:
                Netburst.DecodeTulsa(r.Status, r.Misc, text);
                break;
            case Cpu.SandyBridge or Cpu.SandyBridgeEp:
                SandyBridge.Decode(r.Model, r.Bank, r.Status, text);
                break;
            case Cpu.IvyBridgeEpEx:
                SandyBridge.DecodeIvyBridge(r.Bank, r.Status, text);
                break;
            case Cpu.HaswellEpEx or Cpu.BroadwellEpEx:
                Haswell.Decode(r.Model, r.Bank, r.Status, text);
                break;
            case Cpu.BroadwellDe:
                Haswell.DecodeDe(r.Bank, r.Status, text);
                break;
            case Cpu.SkylakeXeon:
                SkylakeXeon.Decode(r.Bank, r.Status, text);
                break;
            case Cpu.IceLakeXeon or Cpu.IceLakeDe or Cpu.TremontD:
                IceLake.Decode(r.Model, r.Bank, r.Status, r.Misc, text);
                break;
            case Cpu.SapphireRapids or Cpu.EmeraldRapids:
                SapphireRapids.Decode(r.Bank, r.Status, r.Misc, text);
                break;
            case Cpu.GraniteRapids or Cpu.SierraForest or Cpu.ClearwaterForest:
                GraniteRapids.Decode(r.Bank, r.Status, r.Misc, text);
                break;
            case Cpu.DiamondRapids:
                DiamondRapids.Decode(r.Bank, r.Status, r.Misc, r.Apic, text);
                break;
            case Cpu.Denverton:
                Denverton.Decode(r.Bank, r.Status, text);
                break;
        }
    }
}
