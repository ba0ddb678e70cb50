using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class MultipathMapFailedTests
{
    private const string Down = """
        # multipath -ll
        mpatha (360002ac0000000000000000f0001e3a2) dm-2 3PARdata,VV
        size=100G features='1 queue_if_no_path' hwhandler='1 alua' wp=rw
        `-+- policy='service-time 0' prio=0 status=enabled
          |- 1:0:0:0 sda 8:0   failed faulty running
          |- 1:0:1:0 sdb 8:16  failed faulty running
          `- 2:0:1:0 sdd 8:48  failed faulty offline
        """;

    private const string Half = """
        3600508b4000156d700012000000b0000 dm-3 HP,HSV210
        size=50G features='0' hwhandler='0' wp=rw
        |-+- policy='service-time 0' prio=50 status=active
        | `- 1:0:0:1 sde 8:64  active ready running
        `-+- policy='service-time 0' prio=10 status=enabled
          `- 2:0:0:1 sdf 8:80  failed faulty running
        """;

    [Fact]
    public void A_map_without_a_path_is_an_error_and_its_requests_wait_where_they_are_queued()
    {
        Finding f = Assert.Single(Explained.Findings("multipath-map-failed", Down));
        Assert.Equal(("mpatha", Severity.Error), (f.Subject, f.Severity));
        Assert.Contains("no path of the multipath map mpatha (dm-2) is left", f.Title, StringComparison.Ordinal);
        Assert.Contains("wait (queue_if_no_path)", f.Why, StringComparison.Ordinal);
        Assert.Contains("shut down or go read-only", Explained.Findings("multipath-map-failed",
            Down.Replace("1 queue_if_no_path", "0")).Single().Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_map_that_lost_one_path_still_works()
    {
        Finding f = Assert.Single(Explained.Findings("multipath-map-failed", Half));
        Assert.Equal(Severity.Warning, f.Severity);
        Assert.Contains("1 of 2 paths", f.Title, StringComparison.Ordinal);
        Assert.Contains("sdf", f.Title, StringComparison.Ordinal);
    }

    [Fact]
    public void Maps_whose_paths_are_all_ready_are_read_and_are_no_finding()
    {
        string ready = Half.Replace("failed faulty", "active ready");
        Assert.Empty(Explained.Findings("multipath-map-failed", ready));
        Assert.Equal(2, Assert.Single(Explained.Facts(ready).Of<MultipathMap>()).Paths);
        Assert.Empty(Explained.Facts("dm-2 is a name\nsize=1G\n").Of<MultipathMap>());
    }

    [Fact]
    public void Both_maps_of_one_list_are_told_apart()
    {
        Assert.Equal(["mpatha", "3600508b4000156d700012000000b0000"],
            Explained.Findings("multipath-map-failed", $"{Down}\n{Half}\n").Select(f => f.Subject));
    }
}
