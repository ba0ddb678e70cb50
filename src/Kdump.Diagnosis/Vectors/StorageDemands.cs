using static Kdump.Diagnosis.Vectors.DriverDemands;

namespace Kdump.Diagnosis.Vectors;

/// <summary>Drivers of disks and their controllers.</summary>
internal static class StorageDemands
{
    public static readonly DriverDemand[] All =
    [
        new("nvme", 1, "drivers/nvme/host/pci.c nvme_setup_irqs, nvme_max_io_queues")
        {
            PerCpu = true, Managed = true, CountsPossible = true, QueueBytes = (1024 * (64 + 16)) + BlockQueue, Fallback = Fallback.One,
            Note = "one for the admin queue; write_queues and poll_queues do not change the sum",
        },
        new("ahci", 1, "drivers/ata/ahci.c ahci_init_msi, ahci_init_irq")
        {
            AsNow = true, Fallback = Fallback.OneThenPin,
                Note = "one message, or one per port where the machine has several messages and remaps interrupts",
        },
        new("virtio_blk", 1, "drivers/block/virtio_blk.c init_vq; drivers/virtio/virtio_pci_common.c vp_find_vqs")
        {
            PerCpu = true, Managed = true, CountsPossible = true, QueueBytes = BlockQueue + (256 * 32), Fallback = Fallback.TwoThenPin,
        },
        new("virtio_scsi", 3, "drivers/scsi/virtio_scsi.c virtscsi_init; vp_find_vqs")
        {
            PerCpu = true, Managed = true, CountsPossible = true, QueueBytes = BlockQueue + (256 * 32), Fallback = Fallback.TwoThenPin,
                Note = "configuration, control and event queue, request queues",
        },
        new("virtiofs", 2, "fs/fuse/virtio_fs.c virtio_fs_setup_vqs; vp_find_vqs")
        {
            PerCpu = true, Managed = true, CountsPossible = true, Certainty = Certainty.Range, Fallback = Fallback.TwoThenPin,
                Note = "one request queue before 6.9",
        },
        new("megaraid_sas", 0,
            "drivers/scsi/megaraid/megaraid_sas_base.c megasas_init (reset_devices), megasas_init_fw, megasas_setup_irqs_ioapic")
        {
            PerCpu = true, Managed = true, CountsPossible = false, ResetQueues = 1, Extra = 1, QueueBytes = BlockQueue,
                Fallback = Fallback.Pin,
        },
        new("mpt3sas", 0, "drivers/scsi/mpt3sas/mpt3sas_base.c _base_enable_msix")
        {
            PerCpu = true, Managed = true, Extra = 1, Certainty = Certainty.Range, QueueBytes = BlockQueue, Fallback = Fallback.Pin,
            Note = "one with reset_devices where firmware has no RDPQ arrays, else one per CPU; " +
                "eight high-iops queues only without reset_devices",
        },
        new("mpi3mr", 1, "drivers/scsi/mpi3mr/mpi3mr_fw.c mpi3mr_setup_isr")
        {
            PerCpu = true, Managed = true, ResetQueues = 0, QueueBytes = BlockQueue, Fallback = Fallback.GivesUp,
                Note = "reset_devices: one for everything",
        },
        new("smartpqi", 0, "drivers/scsi/smartpqi/smartpqi_init.c pqi_enable_msix_interrupts, pqi_calculate_queue_resources")
        {
            PerCpu = true, Managed = true, CountsPossible = false, ResetQueues = 1, CrashQueues = 1, QueueBytes = BlockQueue,
                Fallback = Fallback.GivesUp,
        },
        new("hpsa", 0, "drivers/scsi/hpsa.c hpsa_interrupt_mode")
        {
            PerCpu = true, Managed = true, CountsPossible = true, MaxQueues = 64, QueueBytes = BlockQueue, Fallback = Fallback.OneThenPin,
            Certainty = Certainty.Range, Note = "one in simple mode, which boards without performant transport use",
        },
        new("qla2xxx", 2, "drivers/scsi/qla2xxx/qla_isr.c qla24xx_enable_msix; qla_os.c (is_kdump_kernel)")
        {
            PerCpu = true, Managed = true, Extra = 1, CrashQueues = 1, Certainty = Certainty.Range, QueueBytes = BlockQueue,
                Fallback = Fallback.OneThenPin,
            Note = "one more where target mode is enabled",
        },
        new("lpfc", 0, "drivers/scsi/lpfc/lpfc_init.c lpfc_sli4_enable_msix, lpfc_sli_enable_msix")
        {
            PerCpu = true, Managed = true, Extra = 2, Certainty = Certainty.Range, QueueBytes = BlockQueue, Fallback = Fallback.OneThenPin,
        },
        new("aacraid", 0, "drivers/scsi/aacraid/comminit.c aac_define_int_mode")
        {
            PerCpu = true, MaxQueues = 32, QueueBytes = BlockQueue, Fallback = Fallback.Pin,
        },
        new("vmw_pvscsi", 1, "drivers/scsi/vmw_pvscsi.c pvscsi_probe") { Fallback = Fallback.GivesUp },
        new("mptsas", 1, "drivers/message/fusion/mptbase.c mpt_do_ioc_recovery") { Fallback = Fallback.Pin,
            Note = "the pin unless mpt_msi_enable_sas is set" },
        new("isci", 2, "drivers/scsi/isci/init.c isci_setup_interrupts") { Fallback = Fallback.Pin,
            Note = "two per controller, one or two controllers", AsNow = true },
        new("arcmsr", 1, "drivers/scsi/arcmsr/arcmsr_hba.c arcmsr_request_irq") { AsNow = true, Fallback = Fallback.OneThenPin,
            Certainty = Certainty.Range },
        new("fnic", 4, "drivers/scsi/fnic/fnic_isr.c fnic_set_intr_mode_msix") { AsNow = true, Fallback = Fallback.OneThenPin,
            Certainty = Certainty.Range },
        new("vmd", 64, "drivers/pci/controller/vmd.c vmd_alloc_irqs")
        {
            AsNow = true, Fallback = Fallback.GivesUp,
                Note = "its whole MSI-X table whatever nr_cpus is, or none where remapping is bypassed",
        },
    ];
}
