namespace Kdump.Diagnosis.Model;

/// <summary>Drivers of network interfaces, which a dump to the network needs.</summary>
public static class NetworkDrivers
{
    private static readonly string[] Names =
    [
        "virtio_net", "e1000", "e1000e", "igb", "igbvf", "igc", "ixgbe", "ixgbevf", "i40e", "iavf", "ice", "fm10k", "bnx2", "bnx2x",
            "bnxt_en",
        "tg3", "mlx4_core", "mlx4_en", "mlx5_core", "mlxsw_spectrum", "nfp", "cxgb3", "cxgb4", "cxgb4vf", "enic", "be2net", "qede", "qed",
            "qlcnic",
        "netxen_nic", "sfc", "ena", "gve", "vmxnet3", "hv_netvsc", "xen-netfront", "xen_netfront", "r8169", "r8125", "r8152", "8139too",
            "8139cp",
        "atlantic", "alx", "atl1c", "atl1e", "sky2", "skge", "forcedeth", "ionic", "mana", "hns3", "hclge", "hinic", "octeontx2-nicpf",
            "mvneta",
        "mvpp2", "stmmac", "dwmac-sun8i", "genet", "bcmgenet", "macb", "fec", "ibmveth", "ibmvnic", "ehea", "lan78xx", "lan743x", "usbnet",
        "amd-xgbe", "thunderx", "nicvf", "liquidio", "myri10ge", "vxge", "niu", "cassini", "sunhme", "axienet", "xgene-enet",
    ];

    public static bool Contains(string driver) => Array.IndexOf(Names, driver) >= 0;
}
