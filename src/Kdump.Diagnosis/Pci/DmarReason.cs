namespace Kdump.Diagnosis.Pci;

/// <summary>
/// Why an Intel IOMMU refused a request: VT-d specification, "Fault Reason Encodings". Kernels print the code in decimal before 5.13
/// and in hexadecimal since; the words do not depend on that.
/// </summary>
public static class DmarReason
{
    private static readonly CodeTable Words = new("""
        01 root entry not present
        02 context entry not present: no driver set this device up
        03 invalid context entry
        04 address beyond what the IOMMU can translate
        05 write not permitted by the page table
        06 read not permitted by the page table
        07 next-level page-table pointer invalid
        08 root table address invalid
        09 context table pointer invalid
        0a reserved bits set in a root entry
        0b reserved bits set in a context entry
        0c reserved bits set in a page table entry
        0d translation request blocked
        20 interrupt remapping: reserved fields set in the request
        21 interrupt remapping: index beyond the table
        22 interrupt remapping: entry not present (a stale or misdirected interrupt)
        23 interrupt remapping: table address invalid
        24 interrupt remapping: reserved fields set in an entry
        25 interrupt remapping: compatibility format blocked
        26 interrupt remapping: source id does not match (a stale or forged interrupt)
        30 scalable mode: invalid root table address
        31-32 scalable mode: not allowed in this table mode
        38 scalable mode: root entry cannot be read
        39 scalable mode: root entry not present
        3a scalable mode: reserved bits set in a root entry
        40 scalable mode: context entry cannot be read
        41 scalable mode: context entry not present
        42 scalable mode: reserved bits set in a context entry
        43 scalable mode: invalid context entry
        44 scalable mode: device TLB disabled
        45 scalable mode: PASID not enabled
        46 scalable mode: PASID too large
        47 scalable mode: page requests not enabled
        48 scalable mode: invalid request PASID
        50 scalable mode: PASID directory entry cannot be read
        51 scalable mode: PASID directory entry not present
        52 scalable mode: reserved bits set in a PASID directory entry
        58 scalable mode: PASID entry cannot be read
        59 scalable mode: PASID entry not present
        5a scalable mode: reserved bits set in a PASID entry
        5b scalable mode: invalid PASID entry
        5c scalable mode: execute requests not enabled
        5d scalable mode: supervisor requests not enabled
        70 scalable mode: first-level paging entry cannot be read
        71 scalable mode: first-level paging entry not present
        72 scalable mode: reserved bits set in a first-level paging entry
        73 scalable mode: first-level table pointer cannot be read
        74 scalable mode: address too large after nesting
        75-76 scalable mode: read not permitted (nested)
        77 scalable mode: write not permitted (nested)
        78 scalable mode: second-level paging entry cannot be read
        79 scalable mode: access not permitted by a second-level paging entry
        7a scalable mode: reserved bits set in a second-level paging entry
        7b scalable mode: second-level table pointer invalid
        7c scalable mode: accessed/dirty flags without snooping
        80 scalable mode: address not canonical
        81 scalable mode: user access to a supervisor page
        82 scalable mode: execution not permitted
        83 scalable mode: address beyond the hardware's width
        84 scalable mode: address beyond the second level
        85 scalable mode: no write permission
        86 scalable mode: no read permission
        87 scalable mode: bad interrupt address
        90 scalable mode: accessed/dirty flags without snooping in the first level
        """);

    public static string Of(int reason) =>
        reason == 0 ? "software" : Words[(ulong)Math.Max(reason, 0)] ?? $"reason 0x{reason:x} without a known meaning";

    public static bool IsInterrupt(int reason) => reason is >= 0x20 and <= 0x26;
}
