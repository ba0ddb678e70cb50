using System.Globalization;
using System.Text;
using BenchmarkDotNet.Attributes;
using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Evidence;

namespace Kdump.Bench;

/// <summary>A console log of 100 MB: ordinary lines of a booting and running kernel, and an oops now and then.</summary>
[MemoryDiagnoser]
public class LogBench
{
    private const int Size = 100_000_000;

    private static readonly string[] Ordinary =
    [
        "pci 0000:00:1f.2: [8086:2922] type 00 class 0x010601", "pci 0000:00:1f.2: reg 0x20: [io  0xc040-0xc05f]", "ACPI: \\_SB_.PCI0: Enabled at IRQ 23",
        "audit: type=1400 audit(1515564630.515:5): avc:  denied  { syslog } for  pid=3348 comm=\"rsyslogd\"", "EXT4-fs (vda1): re-mounted. Opts: errors=remount-ro",
        "usb 1-1: new high-speed USB device number 2 using xhci_hcd", "systemd[1]: Starting Daily apt download activities...", "IPv6: ADDRCONF(NETDEV_CHANGE): eth0: link becomes ready",
        "nvme nvme0: 8/0/0 default/read/poll queues", "mlx5_core 0000:3b:00.0: Port module event: module 0, Cable plugged",
    ];

    private static readonly string[] Oops =
    [
        "BUG: kernel NULL pointer dereference, address: 0000000000000008", "Oops: 0000 [#1] PREEMPT SMP NOPTI", "CPU: 3 PID: 4711 Comm: cook Not tainted 6.1.0-9-amd64 #1",
        "RIP: 0010:brew_pour+0x1f/0x40 [kettle]", "Call Trace:", " brew_ioctl+0x90/0x120 [kettle]", " __x64_sys_ioctl+0x8d/0xd0", " do_syscall_64+0x5b/0xc0", "---[ end trace 0000000000000000 ]---",
    ];

    private byte[] log = [];

    [GlobalSetup]
    public void Setup()
    {
        var text = new StringBuilder(Size + 1000);
        double time = 1;
        for (int i = 0; text.Length < Size; i++)
        {
            foreach (string line in i % 100_000 == 99_999 ? Oops : [Ordinary[i % Ordinary.Length]])
                text.Append(CultureInfo.InvariantCulture, $"[{time += 0.0003,12:f6}] {line}\n");
        }
        log = Encoding.ASCII.GetBytes(text.ToString());
    }

    /// <summary>Splitting alone: the floor of all others.</summary>
    [Benchmark(Baseline = true)]
    public long Lines()
    {
        var reader = new LineReader("log", new MemoryStream(log));
        while (reader.Next(out _))
            continue;
        return reader.Number;
    }

    [Benchmark]
    public int Crashes() => LogReading.Of("log", new MemoryStream(log), [new CrashLog()]).Crashes.Count;

    /// <summary>What <c>kdt log</c> reads for boots, crashes and the dump's story.</summary>
    [Benchmark]
    public int Whole() => LogReading.Of("log", new MemoryStream(log), [new Dmesg(), new CrashLog(), new DumpWatch(), new DeviceWaits()]).Crashes.Count;
}
