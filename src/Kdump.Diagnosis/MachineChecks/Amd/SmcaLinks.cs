namespace Kdump.Diagnosis.MachineChecks.Amd;

/// <summary>
/// Extended error codes (MCA_STATUS[21:16]) of input, output and the links between dies: AMD's Processor Programming References, "MCA
/// Banks". Kernels before 6.x printed their meaning, later ones only the number.
/// </summary>
internal static class SmcaLinks
{
    public static readonly CodeTable IoHub = new("""
        00 ECC or Parity error
        01 PCIE error
        02 External SDP ErrEvent error
        03 SDP Egress Poison error
        04 Internal Poison error
        05 Internal system fatal error event
        """, mask: 0x3f);

    public static readonly CodeTable Pcie = new("""
        00 CCIX PER Message logging
        01 CCIX Read Response with Status: Non-Data Error
        02 CCIX Write Response with Status: Non-Data Error
        03 CCIX Read Response with Status: Data Error
        04 CCIX Non-okay write response with data error
        """, mask: 0x3f);

    public static readonly CodeTable PcieV2 = new("""
        00 SDP Data Parity Error logging
        """, mask: 0x3f);

    public static readonly CodeTable XgmiPcs = new("""
        00 Data Loss Error
        01 Training Error
        02 Flow Control Acknowledge Error
        03 Rx Fifo Underflow Error
        04 Rx Fifo Overflow Error
        05 CRC Error
        06 BER Exceeded Error
        07 Tx Vcid Data Error
        08 Replay Buffer Parity Error
        09 Data Parity Error
        0a Replay Fifo Overflow Error
        0b Replay Fifo Underflow Error
        0c Elastic Fifo Overflow Error
        0d Deskew Error
        0e Flow Control CRC Error
        0f Data Startup Limit Error
        10 FC Init Timeout Error
        11 Recovery Timeout Error
        12 Ready Serial Timeout Error
        13 Ready Serial Attempt Error
        14 Recovery Attempt Error
        15 Recovery Relock Attempt Error
        16 Replay Attempt Error
        17 Sync Header Error
        18 Tx Replay Timeout Error
        19 Rx Replay Timeout Error
        1a LinkSub Tx Timeout Error
        1b LinkSub Rx Timeout Error
        1c Rx CMD Pocket Error
        """, mask: 0x3f);

    public static readonly CodeTable Phy = new("""
        00 RAM ECC Error
        01 ARC instruction buffer parity error
        02 ARC data buffer parity error
        03 PHY APB error
        """, mask: 0x3f);

    public static readonly CodeTable Nbif = new("""
        00 Timeout error from GMI
        01 SRAM ECC error
        02 NTB Error Event
        03 SDP Parity error
        """, mask: 0x3f);

    public static readonly CodeTable Sata = new("""
        00 Parity error for port 0
        01 Parity error for port 1
        02 Parity error for port 2
        03 Parity error for port 3
        04 Parity error for port 4
        05 Parity error for port 5
        06 Parity error for port 6
        07 Parity error for port 7
        """, mask: 0x3f);

    public static readonly CodeTable Usb = new("""
        00 Parity error or ECC error for S0 RAM0
        01 Parity error or ECC error for S0 RAM1
        02 Parity error or ECC error for S0 RAM2
        03 Parity error for PHY RAM0
        04 Parity error for PHY RAM1
        05 AXI Slave Response error
        """, mask: 0x3f);

    public static readonly CodeTable ReachData = new("""
        00 Mst CMD Error
        01 Mst Rx FIFO Error
        02 Mst Deskew Error
        03 Mst Detect Timeout Error
        04 Mst FlowControl Error
        05 Mst DataValid FIFO Error
        06 Mac LinkState Error
        07 Deskew Error
        08 Init Timeout Error
        09 Init Attempt Error
        0a Recovery Timeout Error
        0b Recovery Attempt Error
        0c Eye Training Timeout Error
        0d Data Startup Limit Error
        0e LS0 Exit Error
        0f PLL powerState Update Timeout Error
        10 Rx FIFO Error
        11 Lcu Error
        12 Conv CECC Error
        13 Conv UECC Error
        15 Rx DataLoss Error
        16 Replay CECC Error
        17 Replay UECC Error
        18 CRC Error
        19 BER Exceeded Error
        1a FC Init Timeout Error
        1b FC Init Attempt Error
        1c Replay Timeout Error
        1d Replay Attempt Error
        1e Replay Underflow Error
        1f Replay Overflow Error
        """, mask: 0x3f);

    public static readonly CodeTable ReachControl = new("""
        00 Packet Type Error
        01 Rx FIFO Error
        02 Deskew Error
        03 Rx Detect Timeout Error
        04 Data Parity Error
        05 Data Loss Error
        06 Lcu Error
        07 HB1 Handshake Timeout Error
        08 HB2 Handshake Timeout Error
        09 Clk Sleep Rsp Timeout Error
        0a Clk Wake Rsp Timeout Error
        0b Reset Attack Error
        0c Remote Link Fatal Error
        """, mask: 0x3f);

    public static readonly CodeTable GmiPcs = new("""
        00 Data Loss Error
        01 Training Error
        02 Replay Parity Error
        03 Rx Fifo Underflow Error
        04 Rx Fifo Overflow Error
        05 CRC Error
        06 BER Exceeded Error
        07 Tx Fifo Underflow Error
        08 Replay Buffer Parity Error
        09 Tx Overflow Error
        0a Replay Fifo Overflow Error
        0b Replay Fifo Underflow Error
        0c Elastic Fifo Overflow Error
        0d Deskew Error
        0e Offline Error
        0f Data Startup Limit Error
        10 FC Init Timeout Error
        11 Recovery Timeout Error
        12 Ready Serial Timeout Error
        13 Ready Serial Attempt Error
        14 Recovery Attempt Error
        15 Recovery Relock Attempt Error
        16 Deskew Abort Error
        17 Rx Buffer Error
        18 Rx LFDS Fifo Overflow Error
        19 Rx LFDS Fifo Underflow Error
        1a LinkSub Tx Timeout Error
        1b LinkSub Rx Timeout Error
        1c Rx CMD Packet Error
        1d LFDS Training Timeout Error
        1e LFDS FC Init Timeout Error
        1f Data Loss Error
        """, mask: 0x3f);
}
