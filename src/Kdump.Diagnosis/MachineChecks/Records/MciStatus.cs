namespace Kdump.Diagnosis.MachineChecks.Records;

/// <summary>
/// Bits of IA32_MCi_STATUS and IA32_MCG_STATUS: Intel SDM volume 3B section 16.3, AMD APM volume 2 chapter 9, arch/x86/include/asm/mce.h.
/// </summary>
public static class MciStatus
{
    public const ulong Val = 1UL << 63, Over = 1UL << 62, Uc = 1UL << 61, En = 1UL << 60, MiscV = 1UL << 59, AddrV = 1UL << 58,
        Pcc = 1UL << 57;

    /// <summary>Intel: signalled by a machine check exception; and an action of software is required.</summary>
    public const ulong S = 1UL << 56, Ar = 1UL << 55;

    /// <summary>Firmware may have changed the record (with MCG_CAP's bits 24 or 25).</summary>
    public const ulong FirmwareUpdated = 1UL << 37;

    /// <summary>
    /// AMD: the error affects only the task that ran; a valid syndrome; corrected or uncorrected by ECC; deferred; poisoned; found
    /// by the scrubber.
    /// </summary>
    public const ulong Tcc = 1UL << 55, SyndV = 1UL << 53, Cecc = 1UL << 46, Uecc = 1UL << 45, Deferred = 1UL << 44, Poison = 1UL << 43,
        Scrub = 1UL << 40;

    /// <summary>MCG_STATUS: restart address valid, error address valid, machine check in progress, signalled to this CPU only.</summary>
    public const ulong Ripv = 1, Eipv = 2, Mcip = 4, Lmce = 8;

    /// <summary>MCG_CAP: corrected-error interrupt and count, threshold-based status, software recovery.</summary>
    public const ulong CmciP = 1 << 10, TesP = 1 << 11, SerP = 1 << 24;
}
