namespace Kdump.Tests.Fleet;

/// <summary>The first lines of a kernel's log, and a crash as two architectures print it, each line with the kernel's time.</summary>
internal static class CrashLines
{
    public static readonly string[] Head =
    [
        "[    0.000000] Linux version 6.1.0-31-amd64 (build@host) (gcc 12) #1 SMP PREEMPT_DYNAMIC",
        "[    0.000000] DMI: Dell Inc. PowerEdge R740/0WRPXK, BIOS 2.19.1 06/04/2023", "[    1.000000] Run /init as init process",
    ];

    public static readonly string[] X86 =
    [
        "[  100.000001] BUG: kernel NULL pointer dereference, address: 0000000000000008",
        "[  100.000002] Oops: 0000 [#1] PREEMPT SMP PTI",
        "[  100.000003] CPU: 3 PID: 812 Comm: kworker/3:1 Tainted: G           OE      6.1.0-31-amd64 #1",
        "[  100.000004] Hardware name: Dell Inc. PowerEdge R740/0WRPXK, BIOS 2.19.1 06/04/2023",
        "[  100.000005] RIP: 0010:i40e_clean_rx_irq+0x1d/0x300 [i40e]",
        "[  100.000006] RSP: 0018:ffffb5c3c0d3fe18 EFLAGS: 00010246",
        "[  100.000007] RAX: 0000000000000000 RBX: ffff9f1f05b4c800 RCX: 0000000000000000",
        "[  100.000008] RDX: ffff9f1f0a7c2e00 RSI: ffff9f1f05b4c8a8 RDI: ffff9f1f0a7c2e00",
        "[  100.000009] R13: ffff9f1f05b4c900 R14: ffff9f1f05b4c910 R15: 0000000000000000",
        "[  100.000010] FS:  0000000000000000(0000) GS:ffff9f268fcc0000(0000) knlGS:0000000000000000",
        "[  100.000011] Call Trace:", "[  100.000012]  <TASK>", "[  100.000013]  i40e_napi_poll+0x2c/0x150",
            "[  100.000014]  __napi_poll+0x2c/0x150",
        "[  100.000015]  net_rx_action+0x2c/0x150", "[  100.000016]  </TASK>", "[  100.000017] Modules linked in: i40e bonding xfs",
        "[  100.000018] ---[ end trace 0000000000000000 ]---", "[  100.000019] Kernel panic - not syncing: Fatal exception",
    ];

    public static readonly string[] Arm64 =
    [
        "[  100.000001] Unable to handle kernel NULL pointer dereference at virtual address 0000000000000008",
        "[  100.000002] Internal error: Oops: 0000000096000004 [#1] SMP",
        "[  100.000003] CPU: 3 PID: 812 Comm: kworker/3:1 Not tainted 6.1.0-31-arm64 #1",
        "[  100.000004] Hardware name: Dell Inc. PowerEdge R740/0WRPXK, BIOS 2.19.1 06/04/2023",
            "[  100.000005] pc : i40e_clean_rx_irq+0x1d/0x300 [i40e]",
        "[  100.000006] lr : i40e_napi_poll+0x2c/0x150 [i40e]", "[  100.000007] sp : ffff80000a3bbd60",
        "[  100.000008] x29: ffff80000a3bbd60 x28: ffff00000724c800 x27: ffff000007a7c2e0",
        "[  100.000009] x2 : 0000000000000000 x1 : ffff00000724c8a8 x0 : ffff000007a7c2e0", "[  100.000010] Call trace:",
        "[  100.000011]  i40e_clean_rx_irq+0x1d/0x300 [i40e]", "[  100.000012]  net_rx_action+0x2c/0x150",
            "[  100.000018] ---[ end trace 0000000000000000 ]---",
        "[  100.000019] Kernel panic - not syncing: Oops: Fatal exception",
    ];

    /// <summary>A line of syslog; without a host as the console has it.</summary>
    /// <param name="bare">Without the kernel's time.</param>
    public static string Of(string line, string? host, string date = "2026-11-01T02:11:35.000000+00:00", bool bare = false) =>
        (host is null ? "" : $"{date} {host} kernel: ") + (bare ? line[(line.IndexOf(']', StringComparison.Ordinal) + 2)..] : line);
}
