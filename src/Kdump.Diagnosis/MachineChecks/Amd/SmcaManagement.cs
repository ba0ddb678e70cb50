namespace Kdump.Diagnosis.MachineChecks.Amd;

/// <summary>
/// Extended error codes (MCA_STATUS[21:16]) of the microcontrollers beside the cores: AMD's Processor Programming References, "MCA Banks".
/// Kernels before 6.x printed their meaning, later ones only the number.
/// </summary>
internal static class SmcaManagement
{
    public static readonly CodeTable Parameter = new("""
        00 Parameter Block RAM ECC error
        """, mask: 0x3f);

    public static readonly CodeTable Security = new("""
        00 PSP RAM ECC or parity error
        """, mask: 0x3f);

    public static readonly CodeTable SecurityV2 = new("""
        00 High SRAM ECC or parity error
        01 Low SRAM ECC or parity error
        02 Instruction Cache Bank 0 ECC or parity error
        03 Instruction Cache Bank 1 ECC or parity error
        04 Instruction Tag Ram 0 parity error
        05 Instruction Tag Ram 1 parity error
        06 Data Cache Bank 0 ECC or parity error
        07 Data Cache Bank 1 ECC or parity error
        08 Data Cache Bank 2 ECC or parity error
        09 Data Cache Bank 3 ECC or parity error
        0a Data Tag Bank 0 parity error
        0b Data Tag Bank 1 parity error
        0c Data Tag Bank 2 parity error
        0d Data Tag Bank 3 parity error
        0e Dirty Data Ram parity error
        0f TLB Bank 0 parity error
        10 TLB Bank 1 parity error
        11 System Hub Read Buffer ECC or parity error
        12 FUSE IP SRAM ECC or parity error
        13 PCRU FUSE SRAM ECC or parity error
        14 SIB SRAM parity error
        15 MpASP SECEMC Error
        16 MpASP A5 Hang
        17 SIB WDT error
        """, mask: 0x3f);

    public static readonly CodeTable Management = new("""
        00 SMU RAM ECC or parity error
        """, mask: 0x3f);

    public static readonly CodeTable ManagementV2 = new("""
        00 High SRAM ECC or parity error
        01 Low SRAM ECC or parity error
        02 Data Cache Bank A ECC or parity error
        03 Data Cache Bank B ECC or parity error
        04 Data Tag Cache Bank A ECC or parity error
        05 Data Tag Cache Bank B ECC or parity error
        06 Instruction Cache Bank A ECC or parity error
        07 Instruction Cache Bank B ECC or parity error
        08 Instruction Tag Cache Bank A ECC or parity error
        09 Instruction Tag Cache Bank B ECC or parity error
        0a System Hub Read Buffer ECC or parity error
        0b PHY RAS ECC Error
        3a Correctable error from a GFX Sub-IP
        3b Fatal error from a GFX Sub-IP
        3e Poison error from a GFX Sub-IP
        """, mask: 0x3f);

    public static readonly CodeTable Microprocessor5 = new("""
        00 High SRAM ECC or parity error
        01 Low SRAM ECC or parity error
        02 Data Cache Bank A ECC or parity error
        03 Data Cache Bank B ECC or parity error
        04 Data Tag Cache Bank A ECC or parity error
        05 Data Tag Cache Bank B ECC or parity error
        06 Instruction Cache Bank A ECC or parity error
        07 Instruction Cache Bank B ECC or parity error
        08 Instruction Tag Cache Bank A ECC or parity error
        09 Instruction Tag Cache Bank B ECC or parity error
        0a Fuse SRAM ECC or parity error
        """, mask: 0x3f);

    public static readonly CodeTable DmaProcessor = new("""
        00 Main SRAM [31:0] bank ECC or parity error
        01 Main SRAM [63:32] bank ECC or parity error
        02 Main SRAM [95:64] bank ECC or parity error
        03 Main SRAM [127:96] bank ECC or parity error
        04 Data Cache Bank A ECC or parity error
        05 Data Cache Bank B ECC or parity error
        06 Data Tag Cache Bank A ECC or parity error
        07 Data Tag Cache Bank B ECC or parity error
        08 Instruction Cache Bank A ECC or parity error
        09 Instruction Cache Bank B ECC or parity error
        0a Instruction Tag Cache Bank A ECC or parity error
        0b Instruction Tag Cache Bank B ECC or parity error
        0c Data Cache Bank A ECC or parity error
        0d Data Cache Bank B ECC or parity error
        0e Data Tag Cache Bank A ECC or parity error
        0f Data Tag Cache Bank B ECC or parity error
        10 Instruction Cache Bank A ECC or parity error
        11 Instruction Cache Bank B ECC or parity error
        12 Instruction Tag Cache Bank A ECC or parity error
        13 Instruction Tag Cache Bank B ECC or parity error
        14 Data Cache Bank A ECC or parity error
        15 Data Cache Bank B ECC or parity error
        16 Data Tag Cache Bank A ECC or parity error
        17 Data Tag Cache Bank B ECC or parity error
        18 Instruction Cache Bank A ECC or parity error
        19 Instruction Cache Bank B ECC or parity error
        1a Instruction Tag Cache Bank A ECC or parity error
        1b Instruction Tag Cache Bank B ECC or parity error
        1c System Hub Read Buffer ECC or parity error
        1d MPDMA TVF DVSEC Memory ECC or parity error
        1e MPDMA TVF MMIO Mailbox0 ECC or parity error
        1f MPDMA TVF MMIO Mailbox1 ECC or parity error
        20 MPDMA TVF Doorbell Memory ECC or parity error
        21 MPDMA TVF SDP Slave Memory 0 ECC or parity error
        22 MPDMA TVF SDP Slave Memory 1 ECC or parity error
        23 MPDMA TVF SDP Slave Memory 2 ECC or parity error
        24 MPDMA TVF SDP Master Memory 0 ECC or parity error
        25 MPDMA TVF SDP Master Memory 1 ECC or parity error
        26 MPDMA TVF SDP Master Memory 2 ECC or parity error
        27 MPDMA TVF SDP Master Memory 3 ECC or parity error
        28 MPDMA TVF SDP Master Memory 4 ECC or parity error
        29 MPDMA TVF SDP Master Memory 5 ECC or parity error
        2a MPDMA TVF SDP Master Memory 6 ECC or parity error
        2b SDP Watchdog Timer expired
        2c MPDMA PTE Command FIFO ECC or parity error
        2d MPDMA PTE Hub Data FIFO ECC or parity error
        2e MPDMA PTE Internal Data FIFO ECC or parity error
        2f MPDMA PTE Command Memory DMA ECC or parity error
        30 MPDMA PTE Command Memory Internal ECC or parity error
        31 MPDMA TVF SDP Master Memory 7 ECC or parity error
        """, mask: 0x3f);
}
