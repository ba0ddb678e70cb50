using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Diagnosis;

public sealed class UtcTimeTests
{
    [Fact]
    public void Seconds_since_1970_are_a_day_a_minute_or_a_second()
    {
        Assert.Equal("2025-05-21", UtcTime.Day(1747836305));
        Assert.Equal("2025-05-21 14:05 UTC", UtcTime.Minute(1747836305));
        Assert.Equal("2025-05-21 14:05:05 UTC", UtcTime.Second(1747836305));
        Assert.Equal("1969-12-31 23:59:59 UTC", UtcTime.Second(-1));
        Assert.Equal("unknown time", UtcTime.Minute(0));
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    [InlineData(253_402_300_800)]
    public void A_number_that_is_no_date_stays_a_number(long seconds)
    {
        Assert.Equal($"{seconds} s after 1970", UtcTime.Minute(seconds));
        Assert.Equal("9999-12-31 23:59 UTC", UtcTime.Minute(253_402_300_799));
    }
}
