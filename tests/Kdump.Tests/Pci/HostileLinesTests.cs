using Kdump.Tests.MachineChecks;

namespace Kdump.Tests.Pci;

/// <summary>Cut, doubled and scrambled lines of every form: something is decoded or nothing, and nothing throws.</summary>
public sealed class HostileLinesTests
{
    private static readonly string[] Lines =
    [
        "mce: [Hardware Error]: CPU 19: Machine Check Exception: 4 Bank 5: be00000000800400",
            "mce: [Hardware Error]: RIP !INEXACT! 10:<ffffffff81a3c9e0> {mwait_idle+0x86/0x160}",
        "mce: [Hardware Error]: TSC 7ebbc5c7e698b4 ADDR 1579aa6 MISC ffffffffffffffff PPIN 2b5a SYND 5 SYND1 6 IPID 9600150f00",
            "mce: [Hardware Error]: PROCESSOR 2:a10f11 TIME 18446744073709551615 SOCKET 0 APIC 11 microcode 1f",
        "[Hardware Error]: CPU:241 (17:1:2) MC1_STATUS[-|CE|MiscV|AddrV|-|-|SyndV|CECC|-|-|-]: 0x9c20400000000010",
            "[Hardware Error]: IPID: 0x0000000000c00350, Syndrome: 0x000025d05514ed2c",
        "{7}[Hardware Error]: event severity: recoverable", "{7}[Hardware Error]:   node:1 card:4 module:0",
            "EDAC MC1: 262 CE memory read error on CPU_SrcID#0_Ha#0_Chan#1_DIMM#0 (channel:1 slot:0 page:0x2031c14)",
        "pcieport 0000:00:02.0: PCIe Bus Error: severity=Uncorrected (Non-Fatal), type=Transaction Layer, id=0010(Requester ID)",
            "pcieport 0000:00:02.0:   device [8086:3c04] error status/mask=00100000/00000000",
        "pcieport 0000:00:02.0:   TLP Header: 60000025 040006ff 61ac11d1 86c00110",
            "pcieport 0000:00:02.0: AER: Multiple Uncorrected (Non-Fatal) error received: id=0010",
            "pcieport 0000:00:02.0: broadcast error_detected message",
        "DMAR: [DMA Read NO_PASID] Request device [0x00:0x02.0] fault addr 0x70ad5000 [fault reason 0x07] x",
            "AMD-Vi: Event logged [IO_PAGE_FAULT device=05:00.0 domain=0x0012 address=0x00000000ff6101b0 flags=0x0070]",
        "iommu: Adding device 0000:00:1c.0 to group 17", "04:00.0 Ethernet controller [0200]: Mellanox [15b3:1003] (rev b0)",
            "\tCapabilities: [160 v1] Single Root I/O Virtualization (SR-IOV)",
        "\t\tInitial VFs: 64, Total VFs: 64, Number of VFs: 65535, Function Dependency Link: 00",
            "\t\tVF offset: 65535, stride: 65535, Device ID: 10ed", "\t\tIOVCtl: Enable+ Migration-", "\t\tUESta:\tDLP+ SDES-",
            "\t\t\tECRC+ UnsupReq-",
        "\t\tLnkSta:\tSpeed 5GT/s, Width x99999999999", "00: 86 80 04 0e 07 04 10 00 04 00 04 06 10 00 81 00",
            "100: 01 00 01 14 00 00 00 00 00 00 00 00 30 20 06 00", "\tBus: primary=00, secondary=00, subordinate=ff, sec-latency=0",
        "CONFIG_INTEL_IOMMU_DEFAULT_ON=y", "CPU 3 BANK 200", "STATUS 0xffffffffffffffff MCGSTATUS ffffffffffffffff",
            "MCGCAP ffffffffffffffff APICID ffffffff SOCKETID ffffffff", "CPUID Vendor Intel Family 4294967295 Model 4294967295 Step 99",
    ];

    [Fact]
    public void Nothing_throws()
    {
        var random = new Random(20250815);
        for (int round = 0; round < 60; round++)
        {
            var text = new System.Text.StringBuilder();
            for (int i = 0; i < 60; i++)
            {
                char[] line = Lines[random.Next(Lines.Length)].ToCharArray();
                for (int n = random.Next(4); n > 0 && line.Length > 0; n--)
                    line[random.Next(line.Length)] = (char)random.Next(1, 256);
                int from = random.Next(5) == 0 ? random.Next(line.Length) : 0, to = random.Next(4) == 0 ? random.Next(from, line.Length)
                    : line.Length;
                text.Append(line.AsSpan(from, to - from)).Append(random.Next(20) == 0 ? "" : "\n");
            }
            foreach (string[] args in (string[][])[["explain", "-"], ["mce"], ["mce", "--mcelog"], ["mce", "--json"], ["pci"],
                ["pci", "--json"], ["pci", "--config"]])
            {
                var (code, _, error) = Run.KdtOn(text.ToString(), args);
                bool none = args is ["pci", "--config"] && error.Contains("is a dump of config space", StringComparison.Ordinal);
                Assert.True(code is 0 or 1 || none, $"round {round} {string.Join(' ', args)}: {code} {error}");
            }
        }
    }
}
