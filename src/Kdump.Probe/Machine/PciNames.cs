using System.Text;

namespace Kdump.Probe.Machine;

/// <summary>
/// Names of PCI functions in a few kilobytes, because pci.ids is not in a crash image: the kind by class code (PCI Code and ID Assignment
/// Specification), the manufacturer by vendor id, and models only for storage and network devices.
/// </summary>
internal static class PciNames
{
    /// <summary>vendor, device, name; one per line, in order of vendor.</summary>
    private static ReadOnlySpan<byte> Table => """
        1000 LSI/Broadcom
        1000 005b MegaRAID SAS 2208
        1000 005d MegaRAID SAS-3 3108
        1000 005f MegaRAID SAS-3 3008
        1000 0014 MegaRAID Tri-Mode 3516
        1000 0016 MegaRAID Tri-Mode 3508
        1000 0017 MegaRAID Tri-Mode 3408
        1000 10e2 MegaRAID 12GSAS/PCIe 39xx
        1000 10e6 MegaRAID 12GSAS/PCIe 38xx
        1000 0064 SAS2116
        1000 0072 SAS2008
        1000 0086 SAS2308
        1000 0087 SAS2308
        1000 0097 SAS3008
        1000 00ac SAS3416
        1000 00af SAS3408
        1000 00e6 SAS3816
        1000 00a5 MPI3 SAS4116
        1000 0030 53c1030
        1000 0012 53c895a
        1000 0060 MegaRAID SAS 1078
        1000 0079 MegaRAID SAS 2108
        1002 AMD/ATI
        1014 IBM
        1022 AMD
        1022 1480 root complex
        1022 1481 IOMMU
        1022 1482 dummy host bridge
        1022 1483 root port
        1022 1484 internal root port
        1022 14ab root port
        1022 14a5 internal root port
        1022 149c USB 3.0
        1022 7901 FCH SATA (AHCI)
        1022 148c USB 3.0
        1022 790b FCH SMBus
        1022 790e FCH LPC
        1022 1485 reserved SPP
        1022 1486 crypto coprocessor
        1022 2000 PCnet32
        1028 Dell
        1028 0073 BOSS-S1
        102b Matrox
        1033 NEC
        1033 0194 uPD720200 USB 3.0
        104c Texas Instruments
        1077 QLogic/Marvell
        1077 2031 ISP8324 16G FC
        1077 2071 ISP2714 16/32G FC
        1077 2261 ISP2722 16/32G FC
        1077 2532 ISP2532 8G FC
        1077 2432 ISP2432 4G FC
        1077 2081 ISP2814 64/32G FC
        1077 2281 ISP2812 64/32G FC
        1077 2971 ISP2684
        1077 1656 FastLinQ QL45000
        1077 8070 FastLinQ QL41000
        103c Hewlett-Packard
        103c 323b Smart Array Gen8
        103c 3239 Smart Array Gen9
        103c 3306 iLO
        1095 Silicon Image
        1099 Samsung
        10b5 PLX/Broadcom switch
        10de NVIDIA
        10ec Realtek
        10ec 8168 RTL8111/8168 1G
        10ec 8125 RTL8125 2.5G
        10ec 8139 RTL8139
        11ab Marvell
        1234 QEMU
        1234 1111 standard VGA
        126f Silicon Motion
        1344 Micron
        1344 5410 P420m
        1344 51a2 7400 NVMe
        1344 51c0 7450 NVMe
        1414 Microsoft Hyper-V
        1414 00ba MANA
        144d Samsung
        144d a80a PM9A1/980PRO NVMe
        144d a822 PM1725 NVMe
        144d a824 PM173X NVMe
        144d a80c 990 PRO NVMe
        144d a808 SM981/PM981 NVMe
        144d a826 PM174X NVMe
        14e4 Broadcom
        14e4 1657 BCM5719 1G
        14e4 165f BCM5720 1G
        14e4 168e BCM57810 10G
        14e4 16a1 BCM57840 10G
        14e4 16d7 BCM57414 25G
        14e4 16d8 BCM57416 10G
        14e4 1750 BCM57508 100G
        14e4 1751 BCM57504 25G
        14e4 1760 BCM57608 400G
        14e4 16a2 BCM57840
        14e4 163a BCM57711E
        14e4 1639 BCM5709 1G
        15ad VMware
        15ad 07a0 PCIe root port
        15ad 07b0 vmxnet3
        15ad 07c0 pvscsi
        15ad 07e0 SATA AHCI
        15ad 07f0 NVMe
        15ad 0740 VMCI
        15b3 Mellanox/NVIDIA
        15b3 1003 ConnectX-3
        15b3 1007 ConnectX-3 Pro
        15b3 1013 ConnectX-4
        15b3 1015 ConnectX-4 Lx
        15b3 1016 ConnectX-4 Lx VF
        15b3 1017 ConnectX-5
        15b3 1018 ConnectX-5 VF
        15b3 1019 ConnectX-5 Ex
        15b3 101b ConnectX-6
        15b3 101c ConnectX-6 VF
        15b3 101d ConnectX-6 Dx
        15b3 101e ConnectX VF
        15b3 101f ConnectX-6 Lx
        15b3 1021 ConnectX-7
        15b3 1023 ConnectX-8
        15b3 a2d6 BlueField-2
        15b3 a2dc BlueField-3
        15b7 SanDisk/WD
        15b7 5006 SN750 NVMe
        177d Cavium/Marvell
        177d a034 ThunderX NIC
        1912 Renesas
        1912 0014 uPD720201 USB 3.0
        197b JMicron
        19a2 Emulex
        10df Emulex/Broadcom
        10df e200 LPe16000 16G FC
        10df e300 LPe31000/32000 FC
        10df f400 LPe35000 FC
        10df 0720 OneConnect 10G
        19e5 Huawei
        19e5 0222 Hi1822 NIC
        19e5 0200 Hi1822 NIC
        19e5 3714 NVMe
        19e5 a220 HNS GE
        19e5 a222 HNS RoCE
        19e5 a230 HiSilicon SAS
        19e5 a235 HiSilicon AHCI
        1a03 ASPEED
        1a03 2000 BMC graphics
        1a03 1150 PCI bridge
        1af4 Red Hat virtio
        1af4 1000 virtio network
        1af4 1001 virtio block
        1af4 1002 virtio balloon
        1af4 1003 virtio console
        1af4 1004 virtio SCSI
        1af4 1005 virtio entropy
        1af4 1009 virtio 9p
        1af4 1041 virtio network
        1af4 1042 virtio block
        1af4 1043 virtio console
        1af4 1044 virtio entropy
        1af4 1045 virtio balloon
        1af4 1048 virtio SCSI
        1af4 1049 virtio 9p
        1af4 1050 virtio GPU
        1af4 1052 virtio input
        1af4 1053 virtio vsock
        1af4 1058 virtio memory
        1af4 105a virtio filesystem
        1af4 1110 inter-VM memory
        1b21 ASMedia
        1b21 0612 ASM1062 SATA
        1b21 1142 ASM1042A USB 3.0
        1b36 Red Hat/QEMU
        1b36 0001 PCI bridge
        1b36 0008 host bridge
        1b36 000c PCIe root port
        1b36 000d xHCI
        1b36 000e PCIe-PCI bridge
        1b36 0010 NVMe
        1b36 0100 QXL
        1b4b Marvell
        1b4b 9230 88SE9230 SATA
        1b73 Fresco Logic
        1b96 Western Digital
        1bb1 Seagate
        1c5c SK hynix
        1c5f Memblaze
        1cc1 ADATA
        1cc4 UnionMemory
        1d0f Amazon
        1d0f 8061 EBS NVMe
        1d0f cd01 local NVMe
        1d0f ec20 ENA
        1d17 Zhaoxin
        1d49 Lenovo
        1d6a Aquantia
        1d6a 07b1 AQC107 10G
        1d94 Hygon
        1d94 1481 IOMMU
        1d94 1483 root port
        1d94 7901 FCH SATA (AHCI)
        1d94 145f USB 3.0
        1dbe Innogrit
        1dd8 Pensando/AMD
        1dd8 1002 DSC Ethernet
        1ded Alibaba
        1ded 5004 NVMe
        1e0f KIOXIA
        1e0f 0007 CM6 NVMe
        1e3b DapuStor
        1e4b Maxio
        1e81 Ramaxel
        1f0f NebulaMatrix
        2646 Kingston
        1924 Solarflare
        1924 0a03 SFC9220 10/40G
        1137 Cisco
        1137 0043 VIC Ethernet
        1137 0045 VIC FCoE
        1425 Chelsio
        1425 5410 T580
        1425 6408 T62100
        1ae0 Google
        1ae0 0042 gVNIC
        1ae0 001f NVMe
        1170 Inventec
        117c ATTO
        13c1 3ware
        17d3 Areca
        9005 Adaptec/Microchip
        9005 028f Smart Storage SmartPQI
        9005 028d Series 8
        9004 Adaptec
        5853 Xen
        5853 0001 platform device
        80ee VirtualBox
        8086 Intel
        8086 0953 P3700 NVMe
        8086 0a54 P4500/P4600 NVMe
        8086 0b60 D7-P5xxx NVMe
        8086 f1a8 660p NVMe
        8086 2701 Optane NVMe
        8086 100e 82540EM 1G
        8086 100f 82545EM 1G
        8086 10d3 82574L 1G
        8086 10c9 82576 1G
        8086 10ca 82576 VF
        8086 10fb 82599 10G
        8086 10ed 82599 VF
        8086 1521 I350 1G
        8086 1520 I350 VF
        8086 1528 X540 10G
        8086 1533 I210 1G
        8086 1539 I211 1G
        8086 1563 X550 10G
        8086 1565 X550 VF
        8086 1572 X710 10G
        8086 154c XL710 VF
        8086 1583 XL710 40G
        8086 1584 XL710 40G
        8086 1589 X710 10G
        8086 158a XXV710 25G
        8086 158b XXV710 25G
        8086 37d0 X722 10G
        8086 37d2 X722 10G
        8086 37d3 X722 10G
        8086 1591 E810 100G
        8086 1592 E810-C 100G
        8086 1593 E810-C SFP
        8086 159b E810-XXV 25G
        8086 1889 adaptive VF
        8086 124c E823-L
        8086 1452 IPU E2000
        8086 15f2 I225 2.5G
        8086 125b I226 2.5G
        8086 201d VMD
        8086 28c0 VMD
        8086 9a0b VMD
        8086 a77f VMD
        8086 2021 QuickData DMA
        8086 0b00 QuickData DMA
        8086 0b25 Data Streaming Accelerator
        8086 0cfe In-Memory Analytics Accelerator
        8086 37c8 QuickAssist
        8086 4940 QuickAssist 4xxx
        8086 2030 root port A
        8086 2031 root port B
        8086 2032 root port C
        8086 2033 root port D
        8086 347a root port A
        8086 347b root port B
        8086 347c root port C
        8086 347d root port D
        8086 352a root port
        8086 2918 ICH9 LPC
        8086 2922 ICH9 SATA (AHCI)
        8086 2930 ICH9 SMBus
        8086 2934 ICH9 USB
        8086 29c0 Q35 host bridge
        8086 1237 440FX host bridge
        8086 7000 PIIX3 ISA
        8086 7010 PIIX3 IDE
        8086 7113 PIIX4 ACPI
        8086 8d02 C610 SATA (AHCI)
        8086 8d62 C610 sSATA (AHCI)
        8086 a182 C620 SATA (AHCI)
        8086 a1d2 C620 sSATA (AHCI)
        8086 a1af C620 USB 3.0
        8086 8d31 C610 USB 3.0
        8086 1bd2 Emmitsburg SATA (AHCI)
        8086 1bcd Emmitsburg USB 3.0
        8086 02d3 SATA (AHCI)
        c0a9 Crucial
        """u8;

    /// <summary>Manufacturer, model if known, and kind: <c>Intel 82599 10G, Ethernet</c>.</summary>
    public static string Describe(int kind, int vendor, int device)
    {
        string maker = Find(vendor, -1), model = Find(vendor, device);
        return $"{(maker.Length == 0 ? $"vendor {vendor:x4}" : maker)}{(model.Length == 0 ? "" : " " + model)}, {KindOf(kind)}";
    }

    /// <summary>The name that follows <c>VVVV </c> or <c>VVVV DDDD </c> in the table; empty if the table has no such line.</summary>
    private static string Find(int vendor, int device)
    {
        if (vendor is < 0 or > 0xffff)
            return "";
        foreach (Range range in Table.Split((byte)'\n'))
        {
            ReadOnlySpan<byte> line = Table[range];
            if (line.Length < 6 || Hex(line) != vendor)
                continue;
            ReadOnlySpan<byte> rest = line[5..];
            bool model = rest.Length > 5 && Hex(rest) >= 0 && rest[4] == ' ';
            if (device < 0 && !model)
                return Encoding.ASCII.GetString(rest);
            if (device >= 0 && model && Hex(rest) == device)
                return Encoding.ASCII.GetString(rest[5..]);
        }
        return "";
    }

    /// <summary>The value of four lower-case hex digits; -1 if the text is anything else.</summary>
    private static int Hex(ReadOnlySpan<byte> text)
    {
        int value = 0;
        for (int i = 0; i < 4; i++)
        {
            int digit = text[i] switch
            {
                >= (byte)'0' and <= (byte)'9' => text[i] - '0',
                >= (byte)'a' and <= (byte)'f' => text[i] - 'a' + 10,
                _ => -1,
            };
            if (digit < 0)
                return -1;
            value = (value << 4) | digit;
        }
        return value;
    }

    private static string KindOf(int kind) => (kind >> 8) switch
    {
        0x0100 => "SCSI",
        0x0101 => "IDE",
        0x0104 => "RAID",
        0x0105 => "ATA",
        0x0106 => "SATA",
        0x0107 => "SAS",
        0x0108 => "NVMe",
        0x0180 => "mass storage",
        0x0200 => "Ethernet",
        0x0207 => "InfiniBand",
        0x0208 => "fabric",
        0x0280 => "network",
        0x0300 or 0x0302 or 0x0380 => "display",
        0x0403 => "audio",
        0x0500 => "memory",
        0x0600 => "host bridge",
        0x0601 => "ISA bridge",
        0x0604 => "PCI bridge",
        0x0608 => "bridge",
        0x0680 => "bridge",
        0x0700 => "serial",
        0x0780 => "communication",
        0x0800 => "interrupt controller",
        0x0801 => "DMA",
        0x0806 => "IOMMU",
        0x0880 => "system",
        0x0b40 => "co-processor",
        0x0c03 => (kind & 0xff) switch { 0x30 => "USB 3", 0x20 => "USB 2", 0x00 => "USB 1", 0x10 => "USB 1", _ => "USB" },
        0x0c04 => "Fibre Channel",
        0x0c05 => "SMBus",
        0x0c06 => "InfiniBand",
        0x1000 or 0x1080 => "encryption",
        0x1180 => "signal processing",
        0x1200 => "accelerator",
        0x1300 => "instrumentation",
        _ => (kind >> 16) switch
        {
            0x01 => "mass storage",
            0x02 => "network",
            0x03 => "display",
            0x06 => "bridge",
            _ => $"class {(kind >> 8) & 0xffff:x4}",
        },
    };
}
