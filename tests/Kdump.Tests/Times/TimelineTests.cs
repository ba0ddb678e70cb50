using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Rules;
using Kdump.Diagnosis.Times;
using Kdump.Sources.Cases;

namespace Kdump.Tests.Times;

public sealed class TimelineTests : IDisposable
{
    private const string Banner = "[    0.000000] Linux version 6.1.0-50-amd64 (debian-kernel@lists.debian.org) #1 SMP\n[    0.000000] " +
        "Command line: root=/dev/vda1 crashkernel=192M\n";

    private const string Clock = "[    1.500000] rtc_cmos 00:03: setting system clock to 2026-11-21T02:00:00 UTC (1795226400)\n";

    private const string Hung =
        "[  603.500000] INFO: task jbd2/vda1-8:215 blocked for more than 120 seconds.\n" +
        "[  603.500001]       Not tainted 6.1.0-50-amd64 #1\n" +
        "[  603.500002] task:jbd2/vda1-8 state:D stack:0 pid:215 ppid:2 flags:0x00004000\n[  603.500003] Call Trace:\n[  603.500004]  " +
            "__schedule+0x2cb/0x880\n" +
        "[  603.500005]  schedule+0x5d/0xe0\n[  603.500006]  jbd2_journal_commit_transaction+0x1010/0x1a00 [jbd2]\n[  603.500007]  " +
            "kjournald2+0xa9/0x280 [jbd2]\n";

    private readonly string folder = Directory.CreateTempSubdirectory("kdt-times").FullName;

    [Fact]
    public void Seconds_since_the_start_and_a_journal_s_dates_are_put_on_one_axis_by_the_line_that_sets_the_clock()
    {
        Write("dmesg.txt", Banner + Clock + Hung);
        Write("switch.log", "2026-11-21T02:09:00.250+00:00 tor1 kernel: INFO: task bgpd:99 blocked for more than 120 seconds.\n");
        Timeline line = Read();
        Assert.True(line.Utc);
        Assert.Equal(["switch.log 2026-11-21T02:09:00.250Z", "dmesg.txt 2026-11-21T02:10:02.000Z"],
            line.Events.Select(e => $"{Name(e)} {line.Time(e)}"));
        Assert.Contains("setting system clock", Assert.Single(line.Joints).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_line_that_shows_both_clocks_the_order_is_not_known()
    {
        Write("dmesg.txt", Banner + Hung);
        Write("switch.log", "2026-11-21T02:09:00.250+00:00 tor1 kernel: INFO: task bgpd:99 blocked for more than 120 seconds.\n");
        Timeline line = Read();
        Assert.Empty(line.Events);
        Assert.Contains(line.Notes, n => n.Contains("dmesg.txt: counts seconds", StringComparison.Ordinal));
        Assert.Contains(line.Notes, n => n.Contains("is not known", StringComparison.Ordinal));
    }

    [Fact]
    public void A_clock_whose_battery_is_dead_joins_nothing()
    {
        Write("dmesg.txt", Banner + "[    1.500000] rtc_cmos 00:03: setting system clock to 2000-01-01T00:00:09 UTC (946684809)\n" + Hung);
        Write("switch.log", "2026-11-21T02:09:00.250+00:00 tor1 kernel: INFO: task bgpd:99 blocked for more than 120 seconds.\n");
        Assert.Empty(Read().Events);
    }

    [Fact]
    public void What_one_kernel_says_of_the_time_is_not_taken_for_the_next_one()
    {
        Write("console.log", Banner + Clock + "[  700.000000] sysrq: Trigger a crash\n" + Banner + Hung);
        Write("switch.log", "2026-11-21T02:09:00.250+00:00 tor1 kernel: INFO: task bgpd:99 blocked for more than 120 seconds.\n");
        Assert.DoesNotContain(Read().Events, e => e.Source.Text.Contains("jbd2", StringComparison.Ordinal));
    }

    [Fact]
    public void The_same_report_in_two_inputs_joins_seconds_and_local_time()
    {
        string report = string.Concat(
            "BUG: kernel NULL pointer dereference, address: 0000000000000008\n", "Oops: 0000 [#1] PREEMPT SMP NOPTI\n",
                "CPU: 3 PID: 4711 Comm: cook Not tainted 6.1.0-9-amd64 #1\n",
            "RIP: 0010:brew_pour+0x1f/0x40 [kettle]\n", "RSP: 0018:ffffc900006dfbf8 EFLAGS: 00010216\n",
                "RAX: 0000000000000000 RBX: dead000000000100 RCX: 000000000000003f\n",
            "RDX: ffff888058838140 RSI: 0000000001364688 RDI: ffff888058a67000\n",
                "CR2: 0000000000000008 CR3: 000000029040f005 CR4: 00000000003706e0\n", "Call Trace:\n",
                " brew_ioctl+0x90/0x120 [kettle]\n");
        string[] lines = report.TrimEnd('\n').Split('\n');
        Write("vmcore-dmesg.txt", Banner + Hung + string.Concat(lines.Select(l => $"[  700.250000] {l}\n")));
        Write("messages", string.Concat(lines.Select(l => $"Nov 21 03:11:40 host kernel: {l}\n")));
        Timeline line = Read();
        Assert.False(line.Utc || line.HasYear);
        Assert.Contains("vmcore-dmesg.txt 11-21T03:10:03.250", line.Events.Select(e => $"{Name(e)} {line.Time(e)}"));
        // Another crash of the same kind at another moment joins nothing.
        Write("messages", string.Concat(
            lines.Select(
            l => $"Nov 21 03:11:40 host kernel: {l.Replace("ffff888058838140", "ffff888058838999", StringComparison.Ordinal)}\n")));
        Assert.Empty(Read().Events);
    }

    [Fact]
    public void Local_time_becomes_UTC_where_a_line_shows_both()
    {
        Write("a.txt",
            "[Sat Nov 21 03:00:01 2026] rtc_cmos 00:03: setting system clock to 2026-11-21T02:00:00 UTC (1795226400)\n[Sat Nov 21 " +
            "03:10:02 2026] INFO: task jbd2/vda1-8:215 blocked for more than 120 seconds.\n");
        Write("b.txt", "2026-11-21T02:09:00.250Z tor1 kernel: INFO: task bgpd:99 blocked for more than 120 seconds.\n");
        Timeline line = Read();
        Assert.Equal(["b.txt 2026-11-21T02:09:00.250Z", "a.txt 2026-11-21T02:10:02.000Z"],
            line.Events.Select(e => $"{Name(e)} {line.Time(e)}"));
    }

    [Fact]
    public void Loggers_that_begin_late_do_not_shift_what_they_read_later()
    {
        Write("messages",
            "Nov 21 02:00:20 host kernel: [    1.000000] Linux version 6.1.0-50-amd64 (debian) #1 SMP\nNov 21 02:00:20 host kernel: [    " +
            "1.200000] Command line: root=/dev/vda1\n" +
            "Nov 21 02:10:02 host kernel: [  603.500000] INFO: task jbd2/vda1-8:215 blocked for more than 120 seconds.\n");
        Write("other", "Nov 21 02:10:01 host2 kernel: INFO: task bgpd:99 blocked for more than 120 seconds.\n");
        Timeline line = Read();
        Assert.Equal(["other", "messages"], line.Events.Select(Name));
    }

    [Fact]
    public void A_clock_that_was_set_meanwhile_is_told()
    {
        Write("dmesg.txt", Banner + Clock + "[   20.000000] audit: type=1400 audit(1795230018.515:1): avc:  denied  { read } for  pid=1\n" +
            Hung);
        Write("switch.log", "2026-11-21T02:09:00.250+00:00 tor1 kernel: INFO: task bgpd:99 blocked for more than 120 seconds.\n");
        Timeline line = Read();
        Assert.Contains(line.Notes, n => n.Contains("set by 3600 s", StringComparison.Ordinal));
        Assert.Equal("2026-11-21T03:10:02.015Z", line.Time(line.Events.Single(e => Name(e) == "dmesg.txt")));
    }

    [Fact]
    public void One_input_alone_needs_no_timeline()
    {
        Write("dmesg.txt", Banner + Clock + Hung);
        Assert.Same(Timeline.None, Read());
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(folder, name), text);

    private Timeline Read()
    {
        Facts facts = Case.Read([folder], () => Stream.Null).Facts;
        return Timeline.Of(facts, Verdict.From(facts, RuleBook.All));
    }

    private static string Name(TimelineEvent e) => Path.GetFileName(e.Source.Input);
}
