namespace Kdump.Diagnosis.MachineChecks.Amd;

/// <summary>
/// Extended error codes (MCA_STATUS[21:16]) of the data fabric and the memory controllers: AMD's Processor Programming References, "MCA
/// Banks". Kernels before 6.x printed their meaning, later ones only the number.
/// </summary>
internal static class SmcaFabric
{
    public static readonly CodeTable Coherent = new("""
        00 Illegal request
        01 Address violation
        02 Security violation
        03 Illegal response
        04 Unexpected response
        05 Request or Probe Parity Error
        06 Read Response Parity Error
        07 Atomic request parity error
        08 Probe Filter ECC Error
        """, mask: 0x3f);

    public static readonly CodeTable CoherentV2 = new("""
        00 Illegal Request
        01 Address Violation
        02 Security Violation
        03 Illegal Response
        04 Unexpected Response
        05 Request or Probe Parity Error
        06 Read Response Parity Error
        07 Atomic Request Parity Error
        08 SDP read response had no match in the CS queue
        09 Probe Filter Protocol Error
        0a Probe Filter ECC Error
        0b SDP read response had an unexpected RETRY error
        0c Counter overflow error
        0d Counter underflow error
        0e Illegal Request on the no data channel
        0f Address Violation on the no data channel
        10 Security Violation on the no data channel
        11 Hardware Assert Error
        12 Shadow Tag Array Protocol Error
        13 Shadow Tag ECC Error
        14 Shadow Tag Transaction Error
        """, mask: 0x3f);

    public static readonly CodeTable CoherentGenoa = new("""
        00 Illegal Request
        01 Address Violation
        02 Security Violation
        03 Illegal Response
        04 Unexpected Response
        05 Request or Probe Parity Error
        06 Read Response Parity Error
        07 Atomic Request Parity Error
        08 SDP read response had no match in the CS queue
        09 SDP read response had an unexpected RETRY error
        0a Counter overflow error
        0b Counter underflow error
        0c Probe Filter Protocol Error
        0d Probe Filter ECC Error
        0e Illegal Request on the no data channel
        0f Address Violation on the no data channel
        10 Security Violation on the no data channel
        11 Hardware Assert Error
        """, mask: 0x3f);

    public static readonly CodeTable Power = new("""
        00 Hardware assert
        01 Register security violation
        02 Link error
        03 Poison data consumption
        04 Deferred error in the data fabric
        05 Watch Dog Timer
        06 SRAM ECC error in the CNLI block
        07 Register access during DF Cstate
        08 DSM Error
        """, mask: 0x3f);

    public static readonly CodeTable Memory = new("""
        00 DRAM ECC error
        01 Data poison error on DRAM
        02 SDP parity error
        03 Advanced peripheral bus error
        04 Command/address parity error
        05 Write data CRC error
        06 DCQ SRAM ECC error
        07 AES SRAM ECC error
        08 ECS Row Error
        09 ECS Error
        0a UMC Throttling Error
        0b Read CRC Error
        10 RFM SRAM ECC error
        """, mask: 0x3f);

    public static readonly CodeTable MemoryMi300 = new("""
        00 DRAM On Die ECC error
        01 Data poison error
        02 SDP parity error
        04 Address/Command parity error
        05 HBM Write data parity error
        06 Consolidated SRAM ECC error
        09 Rdb SRAM ECC error
        0a Thermal throttling
        0b HBM Read Data Parity error
        0d UMC FW Error
        0e SRAM Parity Error
        0f HBM CRC Error
        """, mask: 0x3f);

    public static readonly CodeTable MemoryV2 = new("""
        00 DRAM ECC error
        01 Data poison error
        02 SDP parity error
        04 Address/Command parity error
        05 Write data parity error
        06 DCQ SRAM ECC error
        08 Read data parity error
        09 Rdb SRAM ECC error
        0a RdRsp SRAM ECC error
        0b LM32 MP errors
        """, mask: 0x3f);

    public static readonly CodeTable MemoryCache = new("""
        00 Counter overflow error
        01 Counter underflow error
        02 Write Data Parity Error
        03 Read Response Parity Error
        04 Cache Tag ECC Error Macro 0
        05 Cache Tag ECC Error Macro 1
        06 Cache Data ECC Error
        """, mask: 0x3f);
}
