using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

/// <summary>Storage on the network that stops answering while the link is gone, or just after: the link comes first.</summary>
public sealed class NetworkLinkLostTests
{
    private const string Id = "network-link-lost";

    private const string Down = "[  100.000000] e1000e: eth1 NIC Link is Down\n";

    private const string Up = "[  103.000000] e1000e: eth1 NIC Link is Up 1000 Mbps Full Duplex, Flow Control: Rx/Tx\n";

    private const string Nfs = "[  160.000000] nfs: server 10.0.0.5 not responding, still trying\n";

    private const string Session = "[  114.000000]  connection1:0: ping timeout of 5 secs expired, recv timeout 5, last rx 4612295841\n" +
        "[  114.000001]  connection1:0: detected conn error (1022)\n[  234.000000]  session1: session recovery timed out after 120 secs\n";

    [Theory]
    [InlineData(Down + Up + Session, "eth1")]
    [InlineData(Down + Session, "eth1")]
    [InlineData("[  100.000000] igb 0000:02:00.0 enp2s0: igb: enp2s0 NIC Link is Down\n" + Session, "enp2s0")]
    [InlineData("[  100.000000] macb e000b000.ethernet eth0: Link is Down\n" +
        "[  160.000000] nfs: server 10.0.0.5 not responding, still trying\n", "eth0")]
    [InlineData("[  100.000000] bond0: (slave ens3f1): link status definitely down, disabling slave\n" +
        "[  100.000001] bond0: now running without any active interface!\n" +
        "[  160.000000] nfs: server 10.0.0.5 not responding, timed out\n", "bond0")]
    [InlineData("[  100.000000] mlx5_core 0000:3b:00.0 ens1f0np0: Link down\n" +
        "[  130.000000] CIFS: VFS: \\\\nas has not responded in 180 seconds. Reconnecting...\n", "ens1f0np0")]
    [InlineData("[  100.000000] r8169 0000:01:00.0 eth0: Link is Down\n" +
        "[  130.000000] libceph: osd3 (1)192.168.1.3:6801 socket closed (con state OPEN)\n", "eth0")]
    public void The_link_is_told_as_what_took_the_storage_away(string log, string name)
    {
        Finding f = Assert.Single(Explained.Findings(Id, log));
        Assert.StartsWith($"the network link of {name} went down", f.Title, StringComparison.Ordinal);
        Assert.Equal(name, f.Subject);
        Assert.NotEmpty(f.Explains);
        Assert.Contains(f.Evidence, e => e.Text.Contains("own", StringComparison.Ordinal) ||
            e.Text.Contains("without any active", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Down + Up)]
    [InlineData(Session)]
    [InlineData("[   10.000000] e1000e: eth1 NIC Link is Down\n[   12.000000] e1000e: eth1 NIC Link is Up 1000 Mbps\n" + Session)]
    [InlineData("[   10.000000] ata1: SATA link down (SStatus 0 SControl 300)\n[   11.000000] usb 1-1: link down\n" + Session)]
    [InlineData(Session + "[  240.000000] e1000e: eth1 NIC Link is Down\n")]
    [InlineData("[    0.000000] Linux version 6.1.0-13-amd64 (debian-kernel@lists.debian.org) (gcc-12 (Debian 12.2.0-14) 12.2.0) " +
        "#1 SMP PREEMPT_DYNAMIC Debian 6.1.55-1 (2023-09-29)\n[    8.000000] r8169 0000:03:00.0 eth1: Link is Down\n" + Nfs)]
    [InlineData("[  100.000000] ice 0000:17:00.0 eth2: NIC Link is Down\n" +
        "[  101.000000] ice 0000:17:00.0 eth2: NIC Link is up 25 Gbps Full Duplex\n" + Nfs)]
    [InlineData("[  100.000000] bond0: link status definitely down for interface eth1, disabling it\n" + Nfs)]
    [InlineData("[  100.000000] igb 0000:02:00.0 eth1: igb: eth1 NIC Link is Down\n" +
        "[  100.100000] bond0: (slave eth1): link status definitely down, disabling slave\n" + Nfs)]
    [InlineData("[  100.000000] PM: suspend entry (deep)\n[  100.500000] r8169 0000:01:00.0 eth0: Link is Down\n" + Nfs)]
    [InlineData("[  100.000000] r8169 0000:01:00.0 eth0: Link is Down\n[  104.000000] e1000e: eth1 NIC Link is Up 1000 Mbps\n" + Nfs)]
    [InlineData("[  100.000000] r8169 0000:01:00.0 eth0: Link is Down\n" + Nfs + "[  190.000000] nfs: server 10.0.0.5 OK\n")]
    [InlineData(Down + "[  101.000000] blk_update_request: I/O error, dev sda, sector 2048\n")]
    public void A_link_that_goes_is_no_trouble_by_itself(string log) => Assert.Empty(Explained.Findings(Id, log));

    [Fact]
    public void Without_times_nearness_decides()
    {
        const string Plain = " connection1:0: detected conn error (1022)\n";
        const string Other = "docker0: port 9(veth7) entered forwarding state\n";
        Assert.Single(Explained.Findings(Id, "e1000e: eth1 NIC Link is Down\n" + Other + Plain));
        Assert.Empty(Explained.Findings(Id, "e1000e: eth1 NIC Link is Down\n" + string.Concat(Enumerable.Repeat(Other, 20)) + Plain));
    }

    [Fact]
    public void The_connection_is_the_cause_of_the_session()
    {
        Verdict verdict = Explained.Verdict(Down + Up + Session);
        Finding lost = verdict.Findings.Single(f => f.Id == "storage-path-lost");
        Assert.Equal("session1", lost.Subject);
        Assert.Contains(lost.CausedBy, c => c.ToString().StartsWith("network-storage-silent", StringComparison.Ordinal));
        Assert.Equal(Id, verdict.Chain[0].Id);
    }
}
