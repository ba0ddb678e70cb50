using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Tests.Evidence;

public sealed class DiskLinksTests
{
    [Fact]
    public void Each_listing_between_prompts_is_one_fact()
    {
        IReadOnlyList<DiskListing> listings =
            Explained.Facts(File.ReadAllText(Repository.Path("fixtures", "cases", "vector-exhaustion", "by-path.txt"))).Of<DiskListing>();
        Assert.Equal([4, 3, 4, 4], listings.Select(l => l.Links.Count));
        Assert.All(listings, l => Assert.Equal("/dev/disk/by-path", l.Directory));
        Assert.Equal(new DiskLink("pci-0000:01:00.0-nvme-1", "nvme0n1"), listings[0].Links[0]);
    }

    [Fact]
    public void A_listing_of_something_else_is_left_alone()
    {
        Assert.Empty(Explained.Facts("total 0\nlrwxrwxrwx 1 root 0 13 Jul  3 03:51 a -> b\ndrwxr-xr-x 1 root 0 13 Jul  3 03:51 c\n")
            .Of<DiskListing>());
    }
}
