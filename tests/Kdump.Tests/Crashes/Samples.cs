namespace Kdump.Tests.Crashes;

/// <summary>Reports in the kernel's forms, with functions of no real kernel.</summary>
internal static class Samples
{
    public const string Boot = "[    0.000000] Linux version 6.1.0-9-amd64 (builder@host) #1 SMP\n[    0.000000] Command line: " +
        "root=/dev/vda1 crashkernel=192M\n";

    public const string CaptureBoot = "[    0.000000] Linux version 6.1.0-9-amd64 (builder@host) #1 SMP\n[    0.000000] Command line: " +
        "nr_cpus=1 reset_devices elfcorehdr=638324K\n";

    public const string Oops = """
        [  100.000001] BUG: kernel NULL pointer dereference, address: 0000000000000008
        [  100.000002] #PF: supervisor read access in kernel mode
        [  100.000003] #PF: error_code(0x0000) - not-present page
        [  100.000004] Oops: 0000 [#1] PREEMPT SMP NOPTI
        [  100.000005] CPU: 3 PID: 4711 Comm: my daemon: a Kdump: loaded Tainted: G           OE      6.1.0-9-amd64 #1  Debian 6.1.27-1
        [  100.000006] Hardware name: Maker Board/Model, BIOS 1.2 01/02/2023
        [  100.000007] RIP: 0010:brew_pour+0x1f/0x40 [kettle]
        [  100.000008] Code: 90 90 <48> 8b 40 08
        [  100.000009] RSP: 0018:ffffb3e2c0a3fe28 EFLAGS: 00010246
        [  100.000010] RAX: 0000000000000000 RBX: ffff9a1cc2b4d000 RCX: 0000000000000001
        [  100.000011] Call Trace:
        [  100.000012]  <TASK>
        [  100.000013]  ? __die_body.cold+0x1a/0x1f
        [  100.000014]  brew_ioctl+0x90/0x120 [kettle]
        [  100.000015]  __x64_sys_ioctl+0x8d/0xd0
        [  100.000016]  do_syscall_64+0x5b/0xc0
        [  100.000017]  entry_SYSCALL_64_after_hwframe+0x6e/0xd8
        [  100.000018]  </TASK>
        [  100.000019] CR2: 0000000000000008
        [  100.000020] ---[ end trace 0000000000000000 ]---

        """;

    public const string FatalException = "[  100.500000] Kernel panic - not syncing: Fatal exception\n";

    public const string Warning = """
        [   50.000001] ------------[ cut here ]------------
        [   50.000002] teapot is hot
        [   50.000003] WARNING: CPU: 1 PID: 77 at drivers/kitchen/teapot.c:418 teapot_lift+0x33/0x90 [teapot]
        [   50.000004] CPU: 1 PID: 77 Comm: kworker/1:2 Not tainted 6.1.0-9-amd64 #1
        [   50.000005] Workqueue: events teapot_work [teapot]
        [   50.000006] RIP: 0010:teapot_lift+0x33/0x90 [teapot]
        [   50.000007] Call Trace:
        [   50.000008]  teapot_work+0x20/0x60 [teapot]
        [   50.000009]  process_one_work+0x1c7/0x380
        [   50.000010] ---[ end trace 0000000000000000 ]---

        """;

    public const string SoftLockup = """
        [  200.000001] watchdog: BUG: soft lockup - CPU#2 stuck for 26s! [stirrer:812]
        [  200.000002] CPU: 2 PID: 812 Comm: stirrer Not tainted 6.1.0-9-amd64 #1
        [  200.000003] RIP: 0010:stir_once+0x10/0x20 [spoon]
        [  200.000004] Call Trace:
        [  200.000005]  <TASK>
        [  200.000006]  stir_loop+0x30/0x70 [spoon]
        [  200.000007]  spoon_ioctl+0x44/0x80 [spoon]
        [  200.000008]  vfs_ioctl+0x21/0x40
        [  200.000009]  do_syscall_64+0x5b/0xc0
        [  200.000010]  </TASK>

        """;

    public const string HardLockup = """
        [  210.000001] NMI watchdog: Watchdog detected hard LOCKUP on cpu 5
        [  210.000002] CPU: 5 PID: 99 Comm: freezer Not tainted 6.1.0-9-amd64 #1
        [  210.000003] RIP: 0010:native_queued_spin_lock_slowpath+0x6e/0x2c0
        [  210.000004] Call Trace:
        [  210.000005]  _raw_spin_lock_irqsave+0x30/0x40
        [  210.000006]  ice_cube_take+0x22/0x90 [freezer]
        [  210.000007]  freezer_thread+0x55/0xa0 [freezer]
        [  210.000008]  kthread+0xe9/0x110

        """;

    public const string HungTask = """
        [  360.000001] INFO: task waiter:1234 blocked for more than 120 seconds.
        [  360.000002]       Not tainted 6.1.0-9-amd64 #1
        [  360.000003] "echo 0 > /proc/sys/kernel/hung_task_timeout_secs" disables this message.
        [  360.000004] task:waiter          state:D stack:0     pid:1234  ppid:1      flags:0x00000002
        [  360.000005] Call Trace:
        [  360.000006]  <TASK>
        [  360.000007]  __schedule+0x34d/0x9e0
        [  360.000008]  schedule+0x5a/0xd0
        [  360.000009]  schedule_preempt_disabled+0x11/0x20
        [  360.000010]  __mutex_lock.constprop.0+0x399/0x700
        [  360.000011]  kitchen_enter+0x20/0x50 [kitchen]
        [  360.000012]  vfs_open+0x2c/0x40

        """;

    public const string RcuStall = """
        [  410.000001] rcu: INFO: rcu_preempt self-detected stall on CPU
        [  410.000002] rcu:     1-....: (5249 ticks this GP) idle=6b4c/1/0x4000000000000000 softirq=1234/1234 fqs=2500
        [  410.000003] CPU: 1 PID: 321 Comm: mixer Not tainted 6.1.0-9-amd64 #1
        [  410.000004] Call Trace:
        [  410.000005]  <IRQ>
        [  410.000006]  rcu_dump_cpu_stacks+0xa4/0xe0
        [  410.000007]  asm_sysvec_apic_timer_interrupt+0x16/0x20
        [  410.000008] RIP: 0010:mix_step+0x12/0x30 [mixer]
        [  410.000009]  mix_all+0x40/0x60 [mixer]
        [  410.000010]  mixer_write+0x31/0x70 [mixer]
        [  410.000011]  vfs_write+0xc7/0x3f0
        [  410.000012]  do_syscall_64+0x5b/0xc0

        """;

    public const string OutOfMemory = "[  500.000000] Out of memory: Killed process 900 (hungry) total-vm:100kB, anon-rss:90kB\n";
}
