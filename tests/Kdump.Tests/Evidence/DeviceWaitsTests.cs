using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Tests.Evidence;

public sealed class DeviceWaitsTests
{
    [Fact]
    public void A_wait_printed_every_second_is_one_fact_with_its_longest_line()
    {
        DeviceWait wait = Assert.Single(Waits(File.ReadAllText(Repository.Path("fixtures", "cases", "vector-exhaustion", "console.log"))));
        Assert.Equal("dev-disk...233403b7c.device", wait.Device);
        Assert.Equal((26, 90, false), (wait.Seconds, wait.Limit, wait.GaveUp));
    }

    [Fact]
    public void A_shortened_name_is_completed_from_the_line_that_tells_it_whole()
    {
        DeviceWait wait = Assert.Single(
            Waits("[   16.500000] systemd[1]: Expecting device dev-disk-by\\x2duuid-5eed0004\\x2d0000.device - " +
            "/dev/disk/by-uuid/5eed0004-0000...\n" +
            "[ *** ] Job dev-disk-by\\x2duuid-5eed0004\\x2\u2026ice/start running (47s / no limit)\n"));
        Assert.Equal("/dev/disk/by-uuid/5eed0004-0000", wait.Device);
        Assert.NotNull(wait.Named);
        Assert.Null(wait.Limit);
    }

    [Fact]
    public void Two_waits_that_take_turns_stay_two()
    {
        List<DeviceWait> waits = Waits(
            "[*] (1 of 2) A start job is running for dev-sda1.device (5s / 1min 30s)\n[*] (2 of 2) A start job is running for " +
            "dev-sdb1.device (6s / 1min 30s)\n" +
            "[*] (1 of 2) A start job is running for dev-sda1.device (7s / 1min 30s)\n");
        Assert.Equal(["/dev/sda1", "/dev/sdb1"], waits.Select(w => w.Device));
        Assert.Equal([7, 6], waits.Select(w => w.Seconds));
    }

    [Theory]
    [InlineData("[ TIME ] Timed out waiting for device dev-sda1.device - /dev/sda1.", "/dev/sda1")]
    [InlineData("[ TIME ] Timed out waiting for device /dev/disk/by-uuid/aaaa.", "/dev/disk/by-uuid/aaaa")]
    [InlineData("dracut-initqueue[440]: Warning: /dev/disk/by-uuid/aaaa does not exist", "/dev/disk/by-uuid/aaaa")]
    [InlineData("ALERT!  UUID=aaaa does not exist.  Dropping to a shell!", "/dev/disk/by-uuid/aaaa")]
    public void Giving_up_is_read_in_every_wording(string line, string device)
    {
        DeviceWait wait = Assert.Single(Waits(line + "\n"));
        Assert.Equal((device, true), (wait.Device, wait.GaveUp));
    }

    [Theory]
    [InlineData("ls: /dev/sdz does not exist")]
    [InlineData("[*] A start job is running for Wait for udev To Complete Device Initialization (15s / no limit)")]
    [InlineData("[*] A start job is running for dev-sda1.device (what)")]
    public void What_is_no_wait_for_a_device_is_left_alone(string line)
    {
        Assert.Empty(Waits(line + "\n"));
    }

    private static List<DeviceWait> Waits(string text) => [.. Explained.Facts(text).Of<DeviceWait>()];
}
