using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class FabricPortDownTests
{
    private const string Ibstat = """
        CA 'mlx5_10'
            CA type: MT4129
            Number of ports: 1
            Port 1:
                State: Down
                Physical state: Polling
                Rate: 10
                SM lid: 334
                Link layer: InfiniBand
        CA 'mlx5_11'
            CA type: MT4129
            Number of ports: 1
            Port 1:
                State: Active
                Physical state: LinkUp
                Rate: 400
                Link layer: InfiniBand
        """;

    private const string Ibstatus = """
        Infiniband device 'mlx4_0' port 2 status:
            default gid:     fe80:0000:0000:0000:0000:0000:0000:0001
            base lid:        0x0
            sm lid:          0x0
            state:           2: INIT
            phys state:      5: LinkUp
            rate:            40 Gb/sec (4X QDR)
            link_layer:      InfiniBand
        """;

    private const string Devinfo = """
        hca_id: mlx5_2
            transport:          InfiniBand (0)
            fw_ver:             20.39.2048
            phys_port_cnt:      1
                port:   1
                    state:          PORT_DOWN (1)
                    max_mtu:        4096 (5)
                    sm_lid:         0
                    link_layer:     InfiniBand
                    phys_state:     DISABLED (3)
        """;

    private const string Rdma = """
        link mlx5_0/1 state ACTIVE physical_state LINK_UP netdev ens1f0np0
        link mlx5_1/1 state DOWN physical_state DISABLED netdev ens1f1np1
        """;

    public static TheoryData<string, string, string> Listings => new()
    {
        { Ibstat, "fabric-port-down:mlx5_10/1", "polling" },
        { Ibstatus, "fabric-port-down:mlx4_0/2", "subnet manager" },
        { Devinfo, "fabric-port-down:mlx5_2/1", "switched off" },
        { Rdma, "fabric-port-down:mlx5_1/1", "its interface is down" },
        { Ibstat.Replace("Polling", "PortConfigurationTraining"), "fabric-port-down:mlx5_10/1", "FEC" },
        { Ibstat.Replace("Polling", "LinkErrorRecovery"), "fabric-port-down:mlx5_10/1", "retrained" },
    };

    [Theory]
    [MemberData(nameof(Listings))]
    public void Each_tool_shows_which_port_it_is_and_where_the_way_ends(string listing, string key, string says)
    {
        Finding f = Assert.Single(Explained.Findings("fabric-port-down", listing));
        Assert.Equal(key, f.Key);
        Assert.Contains(says, $"{f.Title} {f.Why}", StringComparison.Ordinal);
    }

    [Fact]
    public void Active_ports_are_no_finding_and_unused_ones_are_told_beside_them()
    {
        Assert.Empty(Explained.Findings("fabric-port-down", Ibstat.Replace("State: Down", "State: Active")));
        Assert.Contains("1 other port is active", Explained.Findings("fabric-port-down", Ibstat).Single().Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_listing_that_is_cut_gives_what_it_has()
    {
        Assert.Empty(Explained.Facts("CA 'mlx5_0'\n    Port 1:\n").Of<FabricPort>());
        Assert.Equal("down", Assert.Single(Explained.Facts("CA 'mlx5_0'\n    Port 1:\n        State: Down\n").Of<FabricPort>()).State);
    }
}
