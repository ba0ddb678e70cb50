using System.Buffers.Binary;

namespace Kdump.Diagnosis.Vectors;

/// <summary>
/// What a function's config space says of its interrupts: PCI r3.0 6.8 (MSI, MSI-X), PCIe r5 7.5.3.2 (port type and message
/// number), 7.8.4.10 (AER), 7.9.15.2 (DPC). Without root rights sysfs gives only 64 bytes, which hold no capability.
/// </summary>
public readonly record struct InterruptCapabilities(int MsixTable, int MsiMessages, bool MsiMaskable, int PortType, PortMessages Messages)
{
    private const int HeaderBytes = 64, LegacyBytes = 256, AllBytes = 4096;

    /// <returns>Null when capabilities cannot be seen.</returns>
    public static InterruptCapabilities? Read(ReadOnlySpan<byte> space)
    {
        if (space.Length <= HeaderBytes)
            return null;
        int msix = 0, msi = 0, type = -1, pme = -1, aer = -1, dpc = -1;
        bool maskable = false;
        // A capability takes at least four bytes: more steps than that are a loop.
        for (int at = space[0x34] & 0xfc, steps = 0; at >= HeaderBytes && at + 4 <= Math.Min(space.Length, LegacyBytes) &&
            steps < 48; at = space[at + 1] & 0xfc, steps++)
        {
            int control = BinaryPrimitives.ReadUInt16LittleEndian(space[(at + 2)..]);
            switch (space[at])
            {
                case 0x05:
                    msi = 1 << Math.Min(5, (control >> 1) & 7);
                    maskable = (control & 0x100) != 0;
                    break;
                case 0x10:
                    type = (control >> 4) & 0xf;
                    pme = (control >> 9) & 0x1f;
                    break;
                case 0x11:
                    msix = (control & 0x7ff) + 1;
                    break;
            }
        }
        for (int at = LegacyBytes, steps = 0; at >= LegacyBytes && at + 0x34 <= Math.Min(space.Length, AllBytes) && steps < 480; steps++)
        {
            uint header = BinaryPrimitives.ReadUInt32LittleEndian(space[at..]);
            if (header is 0 or uint.MaxValue)
                break;
            if ((header & 0xffff) == 0x0001)
                aer = (int)(BinaryPrimitives.ReadUInt32LittleEndian(space[(at + 0x30)..]) >> 27);
            else if ((header & 0xffff) == 0x001d)
                dpc = BinaryPrimitives.ReadUInt16LittleEndian(space[(at + 4)..]) & 0x1f;
            at = (int)(header >> 20) & 0xffc;
        }
        return new(msix, msi, maskable, type, new(pme, aer, dpc));
    }
}
