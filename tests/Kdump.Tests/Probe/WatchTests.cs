using Kdump.Probe.Commands;
using Kdump.Probe.Machine;

namespace Kdump.Tests.Probe;

public sealed class WatchTests
{
    [Fact]
    public void A_target_that_is_there_ends_the_watch_at_once()
    {
        using TreeBuilder tree = new TreeBuilder().File("etc/kdump.conf", "ext4 /dev/vda1\n").File("dev/vda1", "");
        Assert.Equal(0, Watch.Run(Options.Parse(["watch", "--after", "1h", "--root", tree.Path, "--after=3600s"])));
    }

    [Theory]
    [InlineData("/var/crash", "", "/dev/disk/by-uuid/2222", true)]
    [InlineData("/srv", "KDUMP_COREDIR=\"/srv/dumps\"\n", "/dev/disk/by-uuid/2222", true)]
    [InlineData("/home", "", "/dev/disk/by-uuid/2222", true)]
    [InlineData("/var/crash", "", "/dev/vda1", false)]
    public void In_a_root_that_the_crash_kernel_started_it_waits_for_what_the_start_waits_for(
        string mount, string settings, string device, bool speaks)
    {
        using TreeBuilder tree = new TreeBuilder().File("etc/fstab", $"/dev/vda1 / ext4 defaults 0 1\n{device} {mount} ext4 defaults 0 2\n")
            .File("etc/default/kdump-tools", "USE_KDUMP=1\n" + settings).File("proc/vmcore", "").File("dev/vda1", "")
            .File("proc/cmdline", "root=/dev/vda1 ro systemd.unit=kdump-tools-dump.service\n").File("dev/disk/by-uuid/1111", "");
        Assert.Equal(speaks, Watch.Run(Options.Parse(["watch", "--after", "0s", "--root", tree.Path])) != 0);
        File.Delete(Path.Combine(tree.Path, "proc/vmcore"));
        Assert.Equal(0, Watch.Run(Options.Parse(["watch", "--after", "0s", "--root", tree.Path])));
    }

    [Theory]
    [InlineData("20s", 20)]
    [InlineData("20", 20)]
    [InlineData("2min", 120)]
    [InlineData("2m", 120)]
    public void Times_are_read_with_their_unit(string text, int seconds) =>
        Assert.Equal(seconds, Options.Parse(["watch", "--after", text]).AfterSeconds);

    [Theory]
    [InlineData("--after", "soon")]
    [InlineData("--after", "-4s")]
    [InlineData("--frobnicate")]
    [InlineData("--root")]
    [InlineData("--root", "")]
    public void Mistakes_are_named(params string[] arguments) => Assert.Contains(arguments[0], Options.Parse(arguments).Mistake);

    [Fact]
    public void Rebind_and_trace_ask_for_a_yes()
    {
        Assert.Equal(2, Rebind.Run(Options.Parse(["rebind", "0000:00:01.0"])));
        Assert.Equal(2, Trace.Run(Options.Parse(["trace", "request_threaded_irq", "--bind", "0000:00:01.0"])));
        Assert.Equal(2, Rebind.Run(Options.Parse(["rebind", "../../etc", "--yes"])));
    }
}
