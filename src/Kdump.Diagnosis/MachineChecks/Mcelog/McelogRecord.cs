namespace Kdump.Diagnosis.MachineChecks.Mcelog;

/// <summary>
/// A machine check as mcelog holds it: struct mce of arch/x86/include/uapi/asm/mce.h. How far it was filled decides what is printed of
/// it, so the highest byte that was set is kept as well.
/// </summary>
internal sealed class McelogRecord
{
    // Offsets of the struct's members behind the time; a field counts as present when something at or behind it was read.
    public const int CpuVendorEnd = 57, CpuIdAt = 60, CpuIdEnd = 64, CsEnd = 65, BankEnd = 66, CpuEnd = 67, SocketAt = 72, SocketEnd = 76,
        ApicAt = 76, ApicEnd = 80, CapEnd = 88;

    public ulong Status, Misc, Addr, McgStatus, Ip, Tsc, Time, McgCap;
    public uint CpuVendor, CpuId, Socket, Apic, Cpu;
    public int Bank;
    public byte Cs;
    public string Symbol = "";
    public bool Missing;
    public bool Banner;
    public int Filled;

    public void Fill(int end) => Filled = Math.Max(Filled, end);

    public bool HasCpuId => Filled > CpuIdAt && CpuId != 0;
}
