using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Evidence;

/// <summary>A journal that was printed newest first within one second: its clocks do not tell which way it runs.</summary>
public sealed class ReportOrderTests
{
    private const string Errors = """
        [Hardware Error]: Corrected error, no action required.
        [Hardware Error]: CPU:2 (19:61:2) MC0_STATUS[Over|CE|MiscV|AddrV|-|-|SyndV|CECC|-|-|-]: 0xdc20400002000175
        [Hardware Error]: Error Addr: 0x000000100849e858
        [Hardware Error]: IPID: 0x001000b02004ae00, Syndrome: 0x0000000c1a1f2105

        [Hardware Error]: Load Store Unit Ext. Error Code: 0
        [Hardware Error]: cache level: L1, tx: DATA, mem-tx: EV
        [Hardware Error]: Corrected error, no action required.
        [Hardware Error]: CPU:0 (19:61:2) MC10_STATUS[-|CE|MiscV|AddrV|-|-|SyndV|CECC|-|-|-]: 0x9c2040000602010b
        [Hardware Error]: Error Addr: 0x00000000002dc6c0
        [Hardware Error]: IPID: 0x000700b020350300, Syndrome: 0x000000382a1f2303

        [Hardware Error]: L3 Cache Ext. Error Code: 2
        [Hardware Error]: cache level: L3/GEN, tx: GEN, mem-tx: GEN
        """;

    private const string Oops = """
        BUG: kernel NULL pointer dereference, address: 0000000000000008
        #PF: supervisor read access in kernel mode
        Oops: 0000 [#1] SMP PTI
        CPU: 3 PID: 812 Comm: brewer Not tainted 6.1.0-18-amd64 #1
        Hardware name: QEMU Standard PC (Q35 + ICH9, 2009), BIOS 1.16.2
        RIP: 0010:brew_pour+0x10/0x40 [brew]
        RSP: 0018:ffffb0c0004ffe30 EFLAGS: 00010246
        RAX: 0000000000000000 RBX: ffff9c0a41d0d000 RCX: 0000000000000000
        RDX: 0000000000000001 RSI: 0000000000000246 RDI: ffff9c0a41d0d000
        RBP: ffff9c0a41d0d000 R08: 0000000000000000 R09: 0000000000000000
        Call Trace:
         <TASK>
         brew_ioctl+0x55/0x90 [brew]
         __x64_sys_ioctl+0x8d/0xd0
         do_syscall_64+0x58/0xc0
         </TASK>
        ---[ end trace 0000000000000000 ]---
        """;

    private static string Journal(string log, bool newestFirst)
    {
        string[] lines = [.. log.ReplaceLineEndings("\n").Split('\n').Select(l => "Apr 08 16:46:29 host1 kernel: " + l)];
        return string.Join('\n', newestFirst ? lines.Reverse() : lines) + "\n";
    }

    [Theory]
    [InlineData("mce-corrected", Errors)]
    [InlineData("kernel-oops", Oops)]
    public void It_tells_the_same_as_from_its_beginning(string id, string log)
    {
        static string Told(Finding f) => f.Title + f.Why;
        string[] forward = [.. Explained.Findings(id, Journal(log, newestFirst: false)).Select(Told)];
        Assert.NotEmpty(forward);
        Assert.Equal(forward.Order(), Explained.Findings(id, Journal(log, newestFirst: true)).Select(Told).Order());
    }
}
