namespace Kdump.Sources.Gather;

/// <summary>The attributes to copy from a device's folder in sysfs, for all kinds of devices, if they exist.</summary>
public static class DeviceAttributes
{
    public static readonly HashSet<string> Files = new(StringComparer.Ordinal)
    {
        // any device
        "uevent", "modalias", "numa_node", "local_cpulist", "enable", "dev", "name", "type", "state", "power_state", "waiting_for_supplier",
        // PCI (drivers/pci/pci-sysfs.c); not vpd, rom and resourceN, which talk to the device for long or change it
        "class", "vendor", "device", "subsystem_vendor", "subsystem_device", "revision", "resource", "irq", "msi_bus", "d3cold_allowed",
            "dma_mask_bits", "consistent_dma_mask_bits", "ari_enabled", "current_link_speed", "current_link_width",
        "max_link_speed", "max_link_width", "secondary_bus_number", "subordinate_bus_number", "sriov_totalvfs", "sriov_numvfs",
            "sriov_offset", "sriov_stride", "sriov_vf_device", "sriov_drivers_autoprobe", "driver_override", "boot_vga",
        "aer_dev_correctable", "aer_dev_fatal", "aer_dev_nonfatal", "aer_rootport_total_err_cor", "aer_rootport_total_err_fatal",
            "aer_rootport_total_err_nonfatal", "reset_method",
        // disks
        "size", "ro", "removable", "hidden", "partition", "start", "model", "rev", "wwid", "firmware_rev", "transport", "address", "cntlid",
            "subsysnqn", "queue_count", "numa_nodes", "timeout", "proc_name", "link_power_management_policy", "queue_depth",
        "can_queue", "nr_hw_queues", "unique_id", "port_name", "node_name", "port_state", "speed", "targetname", "persistent_address",
            "persistent_port", "iopolicy",
        // network, fabrics
        "operstate", "carrier", "mtu", "flags", "ifindex", "iflink", "dev_id", "dev_port", "phys_port_name", "addr_assign_type", "fw_ver",
            "hca_type", "hw_rev", "board_id", "node_type",
        // watchdogs, IOMMU, DMI
        "identity", "nowayout", "bootstatus", "pretimeout", "pretimeout_governor", "status", "timeleft", "cap", "ecap", "version",
            "domains_supported", "domains_used", "features",
        "bios_date", "bios_release", "bios_vendor", "bios_version", "ec_firmware_release", "board_name", "board_vendor", "board_version",
            "chassis_type", "chassis_vendor", "product_family", "product_name", "product_sku", "product_version", "sys_vendor",
    };

    /// <summary>Links and folders of links that say how devices hang together.</summary>
    public static readonly HashSet<string> Links =
        new(StringComparer.Ordinal) { "driver", "subsystem", "iommu_group", "iommu", "physfn", "device", "module", "master", "bdi" };

    /// <summary>Folders below a device; every file and link in them is copied.</summary>
    public static readonly HashSet<string> Folders =
        new(StringComparer.Ordinal) { "msi_irqs", "dm", "md", "slaves", "holders", "bonding", "brif", "intel-iommu", "amd-iommu", "id" };

    /// <summary>Attributes of a disk's queue that matter for dumping.</summary>
    public static readonly string[] Queue =
        ["rotational", "logical_block_size", "physical_block_size", "nr_requests", "scheduler", "write_cache", "max_sectors_kb", "zoned"];

    public static bool IsLink(string name) =>
        Links.Contains(name) || name.StartsWith("virtfn", StringComparison.Ordinal) ||
        name.StartsWith("lower_", StringComparison.Ordinal) || name.StartsWith("upper_", StringComparison.Ordinal) ||
        name.StartsWith("supplier:", StringComparison.Ordinal) || name.StartsWith("consumer:", StringComparison.Ordinal);
}
