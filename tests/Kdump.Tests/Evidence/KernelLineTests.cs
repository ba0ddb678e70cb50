using Kdump.Diagnosis.Text;

namespace Kdump.Tests.Evidence;

public sealed class KernelLineTests
{
    /// <summary>dmesg -T pads the day with a blank, which web pages swallow.</summary>
    [Theory]
    [InlineData("[Fri Mar  8 19:37:53 2024] text")]
    [InlineData("[Fri Mar 8 19:37:53 2024] text")]
    public void A_day_of_one_digit_is_known_with_one_blank_and_with_two(string line)
    {
        KernelLine kernel = KernelLine.Parse(line);
        Assert.True(kernel.Stamped);
        Assert.Equal("text", kernel.Message.ToString());
    }

    [Theory]
    [InlineData("[   57.333334] text", "text", 57.333334)]
    [InlineData("<6>[   57.333334] text", "text", 57.333334)]
    [InlineData("[   57.333334][    T1] text", "text", 57.333334)]
    [InlineData("[   57.333334][   C12] text", "text", 57.333334)]
    [InlineData("Jul  3 03:51:00 host kernel: [   57.333334] text", "text", 57.333334)]
    [InlineData("kern  :info  : [   57.333334] text", "text", 57.333334)]
    [InlineData("kern  :info  : <6>[   57.333334] text", "text", 57.333334)]
    [InlineData("02:11:35 [   57.333334] text", "text", 57.333334)]
    [InlineData("02:11:35.123 [   57.333334] text", "text", 57.333334)]
    [InlineData("[02:11:35] [   57.333334] text", "text", 57.333334)]
    [InlineData("[   57.333334] kernel: text", "text", 57.333334)]
    [InlineData("kernel: [   57.333334] text", "text", 57.333334)]
    [InlineData("kernel:[   57.333334] text", "text", 57.333334)]
    [InlineData("Fri Feb 23 08:44:55 2024 kern.warn kernel: [   57.333334] text", "text", 57.333334)]
    [InlineData("2024/02/23 08:44:55.123 UTC rack3/node7 facility=kern kernel: [   57.333334] text", "text", 57.333334)]
    [InlineData("1234:[   57.333334] text", "text", 57.333334)]
    [InlineData("1234: [   57.333334] text", "text", 57.333334)]
    [InlineData("dmesg.txt:[   57.333334] text", "text", 57.333334)]
    [InlineData("> [   57.333334] text", "text", 57.333334)]
    [InlineData("vm-1  | [   57.333334] text", "text", 57.333334)]
    [InlineData("[SOL] [   57.333334] text", "text", 57.333334)]
    [InlineData("[   57.333334@3] text", "text", 57.333334)]
    [InlineData("[   57.333334,5] text", "text", 57.333334)]
    [InlineData("[   57.333334]  [6:      swapper/0:    1] text", "text", 57.333334)]
    [InlineData("<6>[   57.333334]  [0: kworker/u16:7:  730] text", "text", 57.333334)]
    [InlineData("<2>[   57.333334] I[7:      swapper/0:    1] text", "text", 57.333334)]
    [InlineData("[   57.333334] I[7] text", "I[7] text", 57.333334)]
    [InlineData("[   57.333334] [6: a] text", "[6: a] text", 57.333334)]
    [InlineData("<4>[   57.333334] (0)[1234:kworker/0:1]text", "text", 57.333334)]
    [InlineData("2026 Nov 21 02:11:35 host kernel: [   57.333334] text", "text", 57.333334)]
    [InlineData("Sat 2026-11-21 02:11:35 UTC host kernel: [   57.333334] text", "text", 57.333334)]
    [InlineData("1763690000.123456 host kernel: [   57.333334] text", "text", 57.333334)]
    [InlineData("host kernel: [   57.333334] text", "text", 57.333334)]
    [InlineData("[   57.333334] host kernel: text", "text", 57.333334)]
    [InlineData("[   57.333334]  text", " text", 57.333334)]
    [InlineData("[   57.333334]  ? text", " ? text", 57.333334)]
    [InlineData("[   57.333334] the kernel: text", "text", 57.333334)]
    [InlineData("[   57.333334] of one kernel: text", "of one kernel: text", 57.333334)]
    [InlineData("[123456789.333334] text", "text", 123456789.333334)]
    [InlineData("[57.333334] a longer text", "a longer text", 57.333334)]
    [InlineData("[   57.333] a longer text", "a longer text", 57.333)]
    public void Prefixes_of_every_transport_come_off(string line, string message, double time)
    {
        KernelLine kernel = KernelLine.Parse(line);
        Assert.Equal(message, kernel.Message.ToString());
        Assert.Equal(time, kernel.Time);
        Assert.True(kernel.Stamped);
    }

    [Theory]
    [InlineData("[  OK  ] Started udev Kernel Device Manager.")]
    [InlineData("[***   ] A start job is running for x (5s / 1min 30s)")]
    [InlineData("[drm] Initialized")]
    [InlineData("plain text")]
    public void Brackets_of_other_programs_stay(string line)
    {
        KernelLine kernel = KernelLine.Parse(line);
        Assert.Equal(line, kernel.Message.ToString());
        Assert.False(kernel.Stamped);
    }

    /// <summary>Where another message cut into one, its beginning must not get lost; a bracket with a number is no stamp.</summary>
    [Theory]
    [InlineData("BUG: something in f [   57.333334] text", "BUG: something in f [   57.333334] text")]
    [InlineData("2026-11-21 02:11:35 divide error: 0000 [#1]", "divide error: 0000 [#1]")]
    [InlineData("2026-11-21 02:11:35 [ INFO: possible recursive locking detected ]", "[ INFO: possible recursive locking detected ]")]
    [InlineData("2026-11-21 02:11:35  #0:  (&x){..}, at: f+0x1/0x2", "#0:  (&x){..}, at: f+0x1/0x2")]
    [InlineData("a speed of [12.5] things", "a speed of [12.5] things")]
    [InlineData("01:00.0 VGA compatible controller", "01:00.0 VGA compatible controller")]
    [InlineData("the last kernel: not this one", "the last kernel: not this one")]
    public void What_only_looks_like_a_prefix_stays(string line, string message)
    {
        KernelLine kernel = KernelLine.Parse(line);
        Assert.Equal(message, kernel.Message.ToString());
        Assert.False(kernel.Stamped || kernel.Foreign);
    }

    [Fact]
    public void Indentation_behind_the_stamp_stays()
    {
        Assert.Equal(" <TASK>", KernelLine.Parse("[   13.663682]  <TASK>").Message.ToString());
    }
}
