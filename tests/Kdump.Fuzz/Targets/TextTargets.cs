using System.Text;
using Kdump.Tests;

namespace Kdump.Fuzz.Targets;

/// <summary>Everything that is read line by line.</summary>
internal static class TextTargets
{
    public static IEnumerable<Target> All =>
    [
        new("log", Form.Lines, ["log {in}", "log {in} --json", "log {in} --similar"], Logs),
        new("explain", Form.Lines, ["explain {in}", "explain {in} --json", "explain {in} -o {dir}/page.html"],
            () => [.. Logs(), .. Files.Fixtures("catalogue", 60), .. Files.Fixtures("cases", 60), .. Files.Fixtures("field/kdump", 40)]),
        new("log-diff", Form.Lines, ["log diff {in} {dir}/good.log", "log diff {dir}/good.log {in}", "log diff {in} {dir}/good.log --json"],
            () => [.. Files.Fixtures("healthy", 6, 200 << 10), .. Files.Fixtures("cases", 30)])
        {
            Companions = () => [("good.log", File.ReadAllBytes(Repository.Path("fixtures", "healthy", "virtio-trixie.log")))],
            MaxBytes = 128 << 10,
        },
        new("mce", Form.Lines, ["mce {in}", "mce {in} --json"],
            () => [.. Files.Fixtures("field/hardware", 120), .. Files.Fixtures("cases", 100, pattern: "*.log")]),
        new("pci", Form.Lines, ["pci {in}", "pci {in} --json"],
            () => [.. Files.Fixtures("field/hardware", 120), .. Files.Fixtures("cases", 100)]),
        new("kconfig", Form.Lines, ["kconfig diff {in} {dir}/config", "kconfig diff {dir}/config {in} --json"], () => [Config])
        {
            Companions = () => [("config", Config)],
        },
        new("probe-report", Form.Lines, ["explain {in}", "explain {in} --json"], () => [ProbeJson]),
    ];

    private static IEnumerable<byte[]> Logs() => [.. Files.Fixtures("reports", 100), .. Files.Fixtures("field/crash", 80)];

    private static byte[] Config => Encoding.UTF8.GetBytes(
        "# Linux/x86 6.1.0 Kernel Configuration\nCONFIG_KEXEC=y\nCONFIG_CRASH_DUMP=y\nCONFIG_PROC_VMCORE=y\n# CONFIG_IRQ_REMAP is not " +
            "set\n" +
        "CONFIG_HZ=250\nCONFIG_NR_CPUS=8192\nCONFIG_PHYSICAL_START=0x1000000\nCONFIG_LOCALVERSION=\"-test\"\nCONFIG_NVME_CORE=m\n" +
        "CONFIG_CMDLINE=\"a \\\"b\\\"\"\n");

    private static byte[] ProbeJson => Encoding.UTF8.GetBytes("""
        {
        "schema": "kdump-probe.report/1",
        "kernel": {"kernel": [{"release": "6.1.0", "commandLine": "elfcorehdr=1M root=/dev/vda1", "capture": true, "vmcore": true,
        "online": 1, "possible": 1, "uptime": 60}]},
        "memory": {"state": [{"total": 250000, "available": 1000, "free": 400}]},
        "devices": {"pci": [{"bdf": "0000:00:04.0", "vendor": 6900, "device": 4097, "class": 65536, "driver": "virtio-pci"}],
        "bus": [{"name": "virtio0", "bus": "virtio", "modalias": "virtio:d00000002v00001AF4"}],
        "block": [{"name": "vda", "bytes": 1073741824, "device": "252:0"}]},
        "findings": [{"id": "driver-missing-in-image", "title": "x", "evidence": [{"input": "/proc/cmdline", "line": 1, "text": "y"}]}],
        "facts": [{}, [], null, 1.5e300, "text", true]
        }
        """);
}
