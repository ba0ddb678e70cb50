namespace Kdump.Diagnosis.Vectors;

/// <summary>Ports, USB, accelerators, and the small virtio devices.</summary>
internal static class BusDemands
{
    private const string Virtio = "; drivers/virtio/virtio_pci_common.c vp_find_vqs";

    public static readonly DriverDemand[] All =
    [
        // A port's vectors are those of the services that firmware granted: DemandRules.Port.
        new("pcieport", 1,
            "drivers/pci/pcie/portdrv.c pcie_port_enable_irq_vec, get_port_device_capability") { Fallback = Fallback.Degrades },
        new("xhci_pci", 1, "drivers/usb/host/xhci-pci.c xhci_try_enable_msi; before 6.7 xhci.c xhci_setup_msix")
        {
            PerCpu = true, MaxQueues = 1023, LeastQueues = 0, Fallback = Fallback.OneThenPin,
                Note = "before 6.7 one and one per CPU, since then one: what it has now tells which",
        },
        new("virtio_console", 1, "drivers/char/virtio_console.c init_vqs" + Virtio) { AsNow = true, Fallback = Fallback.TwoThenPin,
            Note = "two for each port and for the control queue, or two in all where the table is smaller" },
        new("virtio_rng", 2, "drivers/char/hw_random/virtio-rng.c probe_common" + Virtio) { Fallback = Fallback.TwoThenPin },
        new("virtio_balloon", 3, "drivers/virtio/virtio_balloon.c init_vqs" + Virtio) { AsNow = true, Fallback = Fallback.TwoThenPin },
        new("virtio_gpu", 3, "drivers/gpu/drm/virtio/virtgpu_kms.c virtio_gpu_init" + Virtio) { Fallback = Fallback.TwoThenPin },
        new("virtio_input", 3, "drivers/virtio/virtio_input.c virtinput_init_vqs" + Virtio) { Fallback = Fallback.TwoThenPin },
        new("9pnet_virtio", 2, "net/9p/trans_virtio.c p9_virtio_probe" + Virtio) { Fallback = Fallback.TwoThenPin },
        new("vmw_vsock_virtio_transport", 4,
            "net/vmw_vsock/virtio_transport.c virtio_vsock_vqs_init" + Virtio) { Fallback = Fallback.TwoThenPin },
        new("virtio_crypto", 2, "drivers/crypto/virtio/virtio_crypto_core.c virtcrypto_find_vqs" + Virtio) { AsNow = true,
            Fallback = Fallback.TwoThenPin },
        new("virtio_mem", 2, "drivers/virtio/virtio_mem.c virtio_mem_init_vq" + Virtio) { Fallback = Fallback.TwoThenPin },
        new("virtio_pmem", 2, "drivers/nvdimm/virtio_pmem.c init_vq" + Virtio) { Fallback = Fallback.TwoThenPin },
        new("virtio_iommu", 2, "drivers/iommu/virtio-iommu.c viommu_init_vqs" + Virtio) { AsNow = true, Fallback = Fallback.TwoThenPin },
        new("idxd", 1, "drivers/dma/idxd/init.c idxd_setup_interrupts") { Fallback = Fallback.GivesUp,
            Note = "the whole table is reserved, one is requested; one more for each work queue that is enabled" },
        new("ioatdma", 1, "drivers/dma/ioat/init.c ioat_dma_setup_interrupts") { AsNow = true, Fallback = Fallback.OneThenPin,
            Note = "one per channel" },
        new("switchtec", 1, "drivers/pci/switch/switchtec.c switchtec_init_isr") { AsNow = true, Certainty = Certainty.Range,
            Fallback = Fallback.GivesUp },
        .. Qat("qat_dh895xcc", 33), .. Qat("qat_c62x", 17), .. Qat("qat_c3xxx", 17), .. Qat("qat_4xxx", 5), .. Qat("qat_420xx", 5),
        new("mei_me", 1, "drivers/misc/mei/pci-me.c mei_me_probe") { Fallback = Fallback.Pin },
        new("snd_hda_intel", 1, "sound/pci/hda/hda_intel.c azx_acquire_irq") { Fallback = Fallback.Pin },
        new("i915", 1, "drivers/gpu/drm/i915/i915_driver.c i915_driver_hw_probe") { Fallback = Fallback.Pin },
        new("thunderbolt", 2, "drivers/thunderbolt/nhi.c nhi_init_msi") { AsNow = true, Certainty = Certainty.Range,
            Fallback = Fallback.GivesUp },
        new("ccp", 2, "drivers/crypto/ccp/sp-pci.c sp_get_msix_irqs") { AsNow = true, Certainty = Certainty.Range,
            Fallback = Fallback.Pin },
        new("ptdma", 1, "drivers/dma/ptdma/ptdma-pci.c pt_get_msix_irqs") { AsNow = true, Certainty = Certainty.Range,
            Fallback = Fallback.Pin },
    ];

    /// <summary>Banks and one more, each requested (4xxx: groups of four banks).</summary>
    private static DriverDemand[] Qat(string module, int vectors) =>
        [new(module, vectors, "drivers/crypto/intel/qat/qat_common/adf_isr.c adf_enable_msix") { AsNow = true,
            Fallback = Fallback.GivesUp }];
}
