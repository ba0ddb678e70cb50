using static Kdump.Diagnosis.Vectors.DriverDemands;

namespace Kdump.Diagnosis.Vectors;

/// <summary>Network drivers. Most ask when the interface is opened: a dump to a local disk opens none.</summary>
internal static class NetworkDemands
{
    public static readonly DriverDemand[] All =
    [
        new("virtio_net", 3, "drivers/net/virtio_net.c virtnet_find_vqs; vp_find_vqs")
        {
            AsNow = true, QueueBytes = NetworkQueue, Fallback = Fallback.TwoThenPin,
                Note = "one and two for each queue pair of the device, whatever the number of CPUs, at its probe",
        },
        new("e1000e", 3, "drivers/net/ethernet/intel/e1000e/netdev.c e1000e_set_interrupt_capability, e1000_request_irq")
        {
            WhenUp = true, Fallback = Fallback.OneThenPin, Note = "three where the device has MSI-X (82574), else one",
        },
        new("igb", 1, "drivers/net/ethernet/intel/igb/igb_main.c igb_set_interrupt_capability, igb_set_flag_queue_pairs")
        {
            PerCpu = true, MaxQueues = 8, SplitsQueues = true, WhenUp = true, QueueBytes = NetworkQueue, Fallback = Fallback.OneThenPin,
            Note = "one, and receive and transmit queues one each up to half of the device's queues, paired above",
        },
        new("igc", 1, "drivers/net/ethernet/intel/igc/igc_main.c igc_set_interrupt_capability, igc_set_flag_queue_pairs")
        {
            PerCpu = true, MaxQueues = 4, SplitsQueues = true, WhenUp = true, QueueBytes = NetworkQueue, Fallback = Fallback.OneThenPin,
            Note = "one, and receive and transmit queues one each on one or two CPUs, paired above",
        },
        new("ixgbe", 1, "drivers/net/ethernet/intel/ixgbe/ixgbe_lib.c ixgbe_acquire_msix_vectors")
        {
            PerCpu = true, MaxQueues = 63, WhenUp = true, QueueBytes = NetworkQueue, Fallback = Fallback.OneThenPin,
        },
        new("i40e", 2, "drivers/net/ethernet/intel/i40e/i40e_main.c i40e_init_msix, i40e_probe (is_kdump_kernel)")
        {
            PerCpu = true, CrashQueues = 1, WhenUp = true, AtProbe = 1, Extra = 1, Certainty = Certainty.Range, QueueBytes = NetworkQueue,
                Fallback = Fallback.OneThenPin,
            Note = "misc at its probe, flow director and one queue when up",
        },
        new("iavf", 1, "drivers/net/ethernet/intel/iavf/iavf_main.c iavf_set_interrupt_capability")
        {
            PerCpu = true, MaxQueues = 16, WhenUp = true, AtProbe = 1, QueueBytes = NetworkQueue, Fallback = Fallback.GivesUp,
                Certainty = Certainty.Range, Note = "virtual functions disappear when the crash kernel resets their parent",
        },
        new("ice", 1, "drivers/net/ethernet/intel/ice/ice_irq.c ice_ena_msix_range")
        {
            PerCpu = true, WhenUp = true, AtProbe = 1, Extra = 3, Certainty = Certainty.Range, QueueBytes = NetworkQueue,
                Fallback = Fallback.GivesUp,
            Note = "misc at its probe, one per queue when up, flow director and RDMA where used",
        },
        new("bnxt_en", 0, "drivers/net/ethernet/broadcom/bnxt/bnxt.c bnxt_init_msix, bnxt_set_dflt_rings (is_kdump_kernel)")
        {
            PerCpu = true, CrashQueues = 1, WhenUp = true, Extra = 1, Certainty = Certainty.Range, QueueBytes = NetworkQueue,
                Fallback = Fallback.Pin,
        },
        new("tg3", 1, "drivers/net/ethernet/broadcom/tg3.c tg3_enable_msix, tg3_irq_count")
        {
            PerCpu = true, MaxQueues = 4, WhenUp = true, QueueBytes = NetworkQueue, Fallback = Fallback.OneThenPin,
                Note = "one alone with a single receive queue",
        },
        new("bnx2", 0, "drivers/net/ethernet/broadcom/bnx2.c bnx2_enable_msix") { PerCpu = true, MaxQueues = 8, Extra = 1, WhenUp = true,
            Fallback = Fallback.OneThenPin },
        new("bnx2x", 1, "drivers/net/ethernet/broadcom/bnx2x/bnx2x_cmn.c bnx2x_enable_msix (is_kdump_kernel)")
        {
            PerCpu = true, CrashQueues = 1, WhenUp = true, Extra = 1, QueueBytes = NetworkQueue, Fallback = Fallback.OneThenPin,
        },
        new("qede", 1, "drivers/net/ethernet/qlogic/qede/qede_main.c qede_set_num_queues, qed/qed_main.c (is_kdump_kernel)")
        {
            PerCpu = true, CrashQueues = 1, WhenUp = true, AtProbe = 1, Extra = 3, Certainty = Certainty.Range, QueueBytes = NetworkQueue,
                Fallback = Fallback.GivesUp,
        },
        new("mlx5_core", 1,
            "drivers/net/ethernet/mellanox/mlx5/core/pci_irq.c mlx5_irq_table_create, en.h mlx5e_get_max_num_channels (is_kdump_kernel)")
        {
            PerCpu = true, CrashQueues = 1, AtProbe = 1, WhenUp = true, Extra = 1, Certainty = Certainty.Range, QueueBytes = NetworkQueue,
                Fallback = Fallback.GivesUp,
            Note = "one for events at its probe; one completion vector when up, at its probe too before 6.5",
        },
        new("mlx4_core", 2, "drivers/net/ethernet/mellanox/mlx4/main.c mlx4_enable_msi_x")
        {
            PerCpu = true, MaxQueues = 63, WhenUp = true, AtProbe = 1, Extra = 1, Certainty = Certainty.Range, QueueBytes = NetworkQueue,
                Fallback = Fallback.OneThenPin,
        },
        new("vmxnet3", 1, "drivers/net/vmxnet3/vmxnet3_drv.c vmxnet3_alloc_intr_resources, vmxnet3_request_irqs")
        {
            PerCpu = true, MaxQueues = 8, PowersOfTwo = true, WhenUp = true, QueueBytes = NetworkQueue, Fallback = Fallback.OneThenPin,
                Note = "the number of queues is rounded down to a power of two",
        },
        new("ena", 1, "drivers/net/ethernet/amazon/ena/ena_netdev.c ena_enable_msix, ena_calc_max_io_queue_num")
        {
            PerCpu = true, MaxQueues = 32, WhenUp = true, AtProbe = 1, QueueBytes = NetworkQueue, Fallback = Fallback.GivesUp,
        },
        new("enic", 2, "drivers/net/ethernet/cisco/enic/enic_main.c enic_set_intr_mode (is_kdump_kernel)")
        {
            PerCpu = true, CrashQueues = 2, WhenUp = true, Certainty = Certainty.Range, QueueBytes = NetworkQueue,
                Fallback = Fallback.OneThenPin,
        },
        new("cxgb4", 2, "drivers/net/ethernet/chelsio/cxgb4/cxgb4_main.c enable_msix (is_kdump_kernel)")
        {
            PerCpu = true, CrashQueues = 1, WhenUp = true, Extra = 2, Certainty = Certainty.Range, QueueBytes = NetworkQueue,
                Fallback = Fallback.OneThenPin,
        },
        new("be2net", 1, "drivers/net/ethernet/emulex/benet/be_main.c be_msix_enable")
        {
            PerCpu = true, WhenUp = true, Certainty = Certainty.Range, QueueBytes = NetworkQueue, Fallback = Fallback.Pin,
        },
        new("r8169", 1, "drivers/net/ethernet/realtek/r8169_main.c rtl_alloc_irq") { WhenUp = true, Fallback = Fallback.OneThenPin },
    ];
}
