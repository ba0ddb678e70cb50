namespace Kdump.Diagnosis.MachineChecks.Amd;

/// <summary>
/// Extended error codes (MCA_STATUS[21:16]) of the processor cores and their caches: AMD's Processor Programming References, "MCA Banks".
/// Kernels before 6.x printed their meaning, later ones only the number.
/// </summary>
internal static class SmcaCore
{
    public static readonly CodeTable LoadStore = new("""
        00 Load queue parity
        01 Store queue parity
        02 Miss address buffer payload parity
        03 L1 TLB parity
        04 DC Tag error type 5
        05 DC tag error type 6
        06 DC tag error type 1
        07 Internal error type 1
        08 Internal error type 2
        09 Sys Read data error thread 0
        0a Sys read data error thread 1
        0b DC tag error type 2
        0c DC data error type 1 (poison consumption)
        0d DC data error type 2
        0e DC data error type 3
        0f DC tag error type 4
        10 L2 TLB parity
        11 PDC parity error
        12 DC tag error type 3
        13 DC tag error type 5
        14 L2 fill data error
        15 Error on SCB cacheline state or address field
        16 Error on SCB data, commit pipe 0
        17 Error on SCB data, commit pipe 1
        18 Error on SCB data for non-cacheable DRAM or IO
        19 System Read Data Error detected by write combine buffer
        1a Hardware Asserts
        """, mask: 0x3f);

    public static readonly CodeTable LoadStoreV2 = new("""
        00 ECC error on a data cache read by a probe or victimization
        01 ECC error or L2 poison on a data cache read by a load
        02 ECC error on a data cache read-modify-write by a store
        03 ECC error or poison bit mismatch on a tag read by a probe or victimization
        04 ECC error or poison bit mismatch on a tag read by a load
        05 ECC error or poison bit mismatch on a tag read by a store
        06 ECC error on an EMEM read by a load
        07 ECC error on an EMEM read-modify-write by a store
        08 Parity error in an L1 TLB entry
        09 Parity error in an L2 TLB entry
        0a Parity error in a PWC entry
        0b Parity error in an STQ entry
        0c Parity error in an LDQ entry
        0d Parity error in a MAB entry
        0e Parity error in an SCB entry state field
        0f Parity error in an SCB entry address field
        10 Parity error in an SCB entry data field
        11 Parity error in a WCB entry
        12 Poisoned line in an SCB entry
        13 System read data error on data from L2 for a load
        14 System read data error on data from L2 for an SCB store
        15 System read data error on data from L2 for a WCB store
        16 Hardware assertion
        17 Parity error in an STLF, SCB EMEM entry, store data mask or SRB store data
        """, mask: 0x3f);

    public static readonly CodeTable Fetch = new("""
        00 Microtag probe port parity error
        01 IC microtag or full tag multi-hit error
        02 IC full tag parity
        03 IC data array parity
        04 PRQ Parity Error
        05 L0 ITLB parity error
        06 L1-TLB parity error
        07 L2-TLB parity error
        08 BPQ snoop parity on Thread 0
        09 BPQ snoop parity on Thread 1
        0a BP L1-BTB Multi-Hit Error
        0b BP L2-BTB Multi-Hit Error
        0c L2 Cache Response Poison error
        0d System Read Data error
        0e Hardware Assertion Error
        0f L1-TLB Multi-Hit
        10 L2-TLB Multi-Hit
        11 BSR Parity Error
        12 CT MCE
        """, mask: 0x3f);

    public static readonly CodeTable L2 = new("""
        00 L2M Tag Multiple-Way-Hit error
        01 L2M Tag or State Array ECC Error
        02 L2M Data Array ECC Error
        03 Hardware Assert Error
        04 SDP Read Response Parity Error
        05 Error initiated by programmable state machine
        """, mask: 0x3f);

    public static readonly CodeTable Decode = new("""
        00 Micro-op cache tag array parity error
        01 Micro-op cache data array parity error
        02 IBB Register File parity error
        03 Micro-op queue parity error
        04 Instruction dispatch queue parity error
        05 Fetch address FIFO parity error
        06 Patch RAM data parity error
        07 Patch RAM sequencer parity error
        08 Micro-op fetch queue parity error
        09 Hardware Assertion MCA Error
        """, mask: 0x3f);

    public static readonly CodeTable Execution = new("""
        00 Watchdog timeout error
        01 Physical register file parity error
        02 Flag register file parity error
        03 Immediate displacement register file parity error
        04 Address generator payload parity error
        05 EX payload parity error
        06 Checkpoint queue parity error
        07 Retire dispatch queue parity error
        08 Retire status queue parity error
        09 Scheduler queue parity error
        0a Branch buffer queue parity error
        0b Hardware Assertion error
        0c Spec Map parity error
        0d Retire Map parity error
        """, mask: 0x3f);

    public static readonly CodeTable FloatingPoint = new("""
        00 Physical register file (PRF) parity error
        01 Freelist (FL) parity error
        02 Schedule queue parity error
        03 NSQ parity error
        04 Retire queue (RQ) parity error
        05 Status register file (SRF) parity error
        06 Hardware assertion
        07 Physical K mask register file (KRF) parity error
        """, mask: 0x3f);

    public static readonly CodeTable L3 = new("""
        00 Shadow tag macro ECC error
        01 Shadow tag macro multi-way-hit error
        02 L3M tag ECC error
        03 L3M tag multi-way-hit error
        04 L3M data ECC error
        05 SDP Parity Error from XI
        06 L3 victim queue Data Fabric error
        07 L3 Hardware Assertion
        08 XI WCB Parity Poison Creation event
        09 Machine check error initiated by DSM action
        """, mask: 0x3f);
}
