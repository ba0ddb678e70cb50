namespace Kdump.Tests.Rules;

public sealed class VolumeNameTests
{
    [Theory]
    [InlineData("/dev/rhel/root", true)]
    [InlineData("/dev/mapper/my--vg-root", true)]
    [InlineData("/dev/disks/5058256d-1111-2222-3333-45b98cfe68fe", false)]
    [InlineData("/dev/data/5058256d-1111-2222-3333-45b98cfe68fe", false)]
    [InlineData("/dev/disk/by-uuid/5058256d-1111-2222-3333-45b98cfe68fe", false)]
    [InlineData("/dev/disks/root", false)]
    [InlineData("/dev/md/root", false)]
    [InlineData("/dev/cciss/c0d0p1", false)]
    public void A_path_is_that_of_a_volume_only_where_its_folder_can_be_a_group(string device, bool volume)
    {
        string why = Assert.Single(Explained.Findings("root-not-found", "dracut-initqueue[312]: Warning: Could not boot.\n" +
            $"dracut-initqueue[312]: Warning: {device} does not exist.\n")).Why;
        Assert.Equal(volume, why.Contains("logical volume", StringComparison.Ordinal));
    }
}
