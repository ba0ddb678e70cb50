using System.Buffers.Binary;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Sources.Machines;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Vectors;

/// <summary>
/// arm64's message interrupts, from the machine's tables and its kernel's log: ACPI's MADT (ACPI 6.5, 5.2.12: 0x0d a GICv2m frame,
/// 0x0f an ITS), the device tree (Documentation/devicetree/bindings/interrupt-controller/arm,gic*.yaml), <see cref="GicLines"/>.
/// </summary>
internal static class GicCollector
{
    /// <summary>Where collections have the kernel's log of this boot.</summary>
    internal static readonly string[] Logs =
        ["/dmesg.txt", "/dmesg", "/var/log/dmesg", "/sos_commands/kernel/dmesg", "/sos_commands/kernel/dmesg_-T"];

    private const string Madt = "/sys/firmware/acpi/tables/APIC";

    private const int MadtHeader = 44, FrameType = 0x0d, ItsType = 0x0f;

    public static void Collect(MachineTree root, Facts facts)
    {
        foreach (string path in Logs)
        {
            if (root.Parse(path, new GicLines(), facts))
                break;
        }
        if (root.Bytes(Madt, 1 << 20) is { } table)
            Acpi(root, table, facts);
        if (DeviceTree.Of(root) is { } tree)
            Tree(root, tree, facts);
    }

    private static void Acpi(MachineTree root, byte[] table, Facts facts)
    {
        string shown = root.Shown(Madt);
        for (int at = MadtHeader; at + 2 <= table.Length && table[at + 1] >= 2; at += table[at + 1])
        {
            ReadOnlySpan<byte> entry = table.AsSpan(at, Math.Min(table[at + 1], table.Length - at));
            if (entry[0] == ItsType && entry.Length >= 20)
                facts.Add(new ItsListed(new Source(shown, $"GIC ITS {BinaryPrimitives.ReadUInt32LittleEndian(entry[4..])}", Offset: at),
                    $"0x{BinaryPrimitives.ReadUInt64LittleEndian(entry[8..]):x}"));
            // Flags bit 0: the SPI count and base given here replace the frame's own.
            else if (entry[0] == FrameType && entry.Length >= 24 && (entry[16] & 1) != 0 && !facts.Any<MessageFrame>())
                facts.Add(new MessageFrame(new Source(shown, "GIC MSI frame", Offset: at),
                    BinaryPrimitives.ReadUInt16LittleEndian(entry[22..]), BinaryPrimitives.ReadUInt16LittleEndian(entry[20..])));
        }
    }

    private static void Tree(MachineTree root, DeviceTree tree, Facts facts)
    {
        if (!facts.Any<ItsListed>())
        {
            foreach (string node in tree.Compatible("arm,gic-v3-its").Where(n => tree.Has(n + "/msi-controller")))
                facts.Add(new ItsListed(new Source(root.Shown($"{tree.At}/{node}"), "compatible arm,gic-v3-its"), node));
        }
        if (facts.Any<MessageFrame>())
            return;
        foreach (string node in tree.Compatible("arm,gic-v2m-frame"))
        {
            // Without these properties only the frame's register has the numbers, and only the kernel reads that.
            if (tree.Cells(node + "/arm,msi-base-spi") is [var first, ..] && tree.Cells(node + "/arm,msi-num-spis") is [var count, ..] &&
                count is > 0 and < 1024 && first < 1 << 16)
                facts.Add(new MessageFrame(new Source(root.Shown($"{tree.At}/{node}"), $"arm,msi-num-spis {count}"), (int)first,
                    (int)count));
        }
    }
}
