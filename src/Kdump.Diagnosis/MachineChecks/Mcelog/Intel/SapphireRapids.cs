using Kdump.Diagnosis.MachineChecks.Records;

namespace Kdump.Diagnosis.MachineChecks.Mcelog.Intel;

/// <summary>
/// Sapphire and Emerald Rapids: Intel SDM volume 3B, incremental decoding for 06_8FH and 06_CFH. Bank 4 power control unit, 5 UPI,
/// 12 mesh to memory, 13-20 channels, 29 mesh to high-bandwidth memory, 30/31 its channels.
/// </summary>
internal static class SapphireRapids
{
    private static readonly CodeTable Firmware = IceLake.Firmware.With("""
        c0 MCA_DISPATCHER_RUN_BUSY_TIMEOUT
        """);

    private static readonly CodeTable Security = new("""
        01 MCE when CR4.MCE is clear
        02 MCE when MCIP bit is set
        03 MCE under WPS
        04 Unrecoverable error during security flow execution
        05 SW triple fault shutdown
        06 VMX exit consistency check failures
        07 RSM consistency check failures
        08 Invalid conditions on protected mode SMM entry
        09 Unrecoverable error during security flow execution
        """);

    private static readonly CodeTable Upi = IceLake.Upi.With("""
        00 Phy Initialization Failure
        15 UC LL Rx SGX MAC Error
        """, without: "32");

    private static readonly CodeTable MeshToMemory = new("""
        01 Read ECC error
        02 Bucket1 error
        03 RdTrkr Parity error
        05 Prefetch channel mismatch
        07 Read completion parity error
        08 Response parity error
        09 Timeout error
        0a CMI reserved credit pool error
        0b CMI total credit count error
        0c CMI credit oversubscription error
        """);

    private static readonly CodeTable WriteData = new("""
        00 WDB read parity error
        08 DDR link failure
        """);

    private static readonly CodeTable CommandAddress = new("""
        00 DDR5 command / address parity error
        """);

    public static void Decode(int bank, ulong status, ulong misc, DecodedText text)
    {
        switch (bank)
        {
            case 4:
                text.Say("PCU: ");
                IceLake.DecodePcu(status, Firmware, (status & 0xffff) == 0x40c ? Security : IceLake.Controller, text);
                break;
            case 5:
                text.Say("UPI: ");
                IceLake.DecodeUpi(status, Upi, text);
                break;
            case 12 or 29:
                text.Say(bank == 29 ? "HBM: M2M: " : "M2M: ");
                if (DecodedText.Field(status, 24, 25) == 1)
                    text.Line("HBM Error");
                text.Bits(status, BitText.Code(16, 23, MeshToMemory) with { Shown = 0 });
                break;
            case (>= 13 and <= 20) or 30 or 31:
                text.Say(bank >= 30 ? "HBM: MemCtrl: " : "MemCtrl: ");
                CodeTable? table = DecodedText.Field(status, 24, 31) switch
                {
                    0 => IceLake.Memory, 1 => WriteData, 2 => CommandAddress, 4 => IceLake.Scheduler, 8 => IceLake.Transport, 0x10 =>
                        IceLake.Mirror, _ => null,
                };
                if (table is not null)
                    text.Bits(status, BitText.Code(16, 23, table) with { Shown = 0 });
                MemoryPlace.SapphireRapids.Write(status, misc, bank >= 30, text);
                break;
        }
    }
}
