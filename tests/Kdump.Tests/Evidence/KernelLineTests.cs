using Kdump.Diagnosis.Evidence;

namespace Kdump.Tests.Evidence;

public sealed class KernelLineTests
{
    [Theory]
    [InlineData("[   57.333334] text", "text", 57.333334)]
    [InlineData("<6>[   57.333334] text", "text", 57.333334)]
    [InlineData("[   57.333334][    T1] text", "text", 57.333334)]
    [InlineData("[   57.333334][   C12] text", "text", 57.333334)]
    [InlineData("Jul  3 03:51:00 host kernel: [   57.333334] text", "text", 57.333334)]
    [InlineData("kern  :info  : [   57.333334] text", "text", 57.333334)]
    [InlineData("kern  :info  : <6>[   57.333334] text", "text", 57.333334)]
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

    [Fact]
    public void Indentation_behind_the_stamp_stays()
    {
        Assert.Equal(" <TASK>", KernelLine.Parse("[   13.663682]  <TASK>").Message.ToString());
    }
}
