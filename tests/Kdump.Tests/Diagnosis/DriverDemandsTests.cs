using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Vectors;

namespace Kdump.Tests.Verdicts;

/// <summary>The table of drivers, and what becomes of its rows on a device. Numbers are those that the kernel's source gives.</summary>
public sealed class DriverDemandsTests
{
    [Fact]
    public void Every_row_names_a_file_of_the_kernel_and_a_module_once()
    {
        Assert.All(DriverDemands.All, d => Assert.Matches(@"^(drivers|fs|net|sound)/[\w/.-]+\.c ", d.Source + " "));
        Assert.All(DriverDemands.All, d => Assert.DoesNotContain('-', d.Module));
        Assert.Equal(DriverDemands.All.Length, DriverDemands.All.Select(d => d.Module).Distinct().Count());
    }

    [Theory]
    // module, table, requested on eight CPUs, CPUs of the crash kernel: vectors, interrupts shown
    [InlineData("nvme", 65, 9, 1, 2, 2)]
    [InlineData("nvme", 65, 9, 4, 5, 5)]
    [InlineData("nvme", 3, 3, 4, 5, 3)]        // two queues; their managed set takes one on each of four CPUs
    [InlineData("nvme", 65, 0, 2, 3, 3)]
    [InlineData("virtio_blk", 9, 9, 2, 3, 3)]
    [InlineData("virtio_blk", 2, 2, 4, 5, 2)]  // one queue
    [InlineData("virtio_scsi", 11, 11, 1, 4, 4)]
    [InlineData("virtio_net", 3, 3, 1, 3, 3)]
    [InlineData("virtio_net", 18, 17, 1, 17, 17)] // eight pairs, whatever nr_cpus is
    [InlineData("virtio_console", 32, 2, 1, 2, 2)]
    [InlineData("virtio_rng", 2, 2, 4, 2, 2)]
    [InlineData("virtio_balloon", 5, 5, 1, 5, 5)]
    [InlineData("xhci_pci", 16, 9, 1, 2, 2)]   // before 6.7
    [InlineData("xhci_pci", 16, 9, 4, 5, 5)]
    [InlineData("xhci_pci", 16, 1, 4, 1, 1)]   // since then
    [InlineData("megaraid_sas", 16, 8, 4, 4, 1)]
    [InlineData("smartpqi", 64, 8, 4, 4, 1)]
    [InlineData("mpi3mr", 64, 9, 4, 1, 1)]
    [InlineData("hpsa", 64, 8, 2, 2, 2)]
    [InlineData("aacraid", 32, 8, 2, 2, 2)]
    [InlineData("qla2xxx", 32, 10, 1, 3, 3)]
    [InlineData("lpfc", 64, 8, 1, 1, 1)]
    [InlineData("mpt3sas", 96, 8, 2, 2, 2)]
    [InlineData("idxd", 9, 1, 4, 1, 1)]
    [InlineData("ioatdma", 1, 1, 4, 1, 1)]
    [InlineData("vmd", 19, 19, 1, 19, 19)]
    [InlineData("qat_c62x", 17, 17, 1, 17, 17)]
    public void Storage_and_buses_ask_at_their_probe(string module, int table, int requested, int cpus, int vectors, int shown)
    {
        VectorNeed need = DemandRules.Of(Device(module, table, requested), new CaptureConditions(cpus));
        Assert.Equal((vectors, shown), (need.Likely, need.Shown));
        Assert.InRange(need.Likely, need.Low, need.High);
    }

    [Theory]
    // module, table, requested, CPUs: not opened, opened
    [InlineData("e1000e", 5, 3, 1, 0, 3)]
    [InlineData("igb", 10, 9, 1, 0, 3)]        // a vector each for receive and transmit queues up to half of eight
    [InlineData("igb", 10, 9, 2, 0, 5)]
    [InlineData("igb", 10, 9, 4, 0, 9)]
    [InlineData("igb", 10, 9, 6, 0, 7)]        // paired above
    [InlineData("igb", 5, 5, 1, 0, 3)]         // i210 with four queues
    [InlineData("igb", 5, 5, 2, 0, 5)]
    [InlineData("igb", 5, 5, 4, 0, 5)]
    [InlineData("igc", 5, 5, 1, 0, 3)]
    [InlineData("igc", 5, 5, 2, 0, 5)]
    [InlineData("igc", 5, 5, 4, 0, 5)]
    [InlineData("ixgbe", 64, 9, 2, 0, 3)]
    [InlineData("vmxnet3", 25, 9, 4, 0, 5)]
    [InlineData("vmxnet3", 25, 9, 3, 0, 3)]    // queues are rounded down to a power of two
    [InlineData("tg3", 17, 5, 4, 0, 5)]
    [InlineData("mlx5_core", 64, 9, 4, 1, 2)]  // one channel in a crash kernel
    [InlineData("i40e", 129, 10, 4, 1, 3)]
    [InlineData("ice", 129, 9, 2, 1, 3)]
    [InlineData("bnxt_en", 74, 8, 4, 0, 1)]
    [InlineData("ena", 33, 9, 2, 1, 3)]
    public void Network_cards_ask_when_they_are_opened(string module, int table, int requested, int cpus, int closed, int opened)
    {
        VectorDevice device = Device(module, table, requested);
        Assert.Equal(closed, DemandRules.Of(device with { Up = false }, new CaptureConditions(cpus)).Likely);
        VectorNeed up = DemandRules.Of(device with { Up = true }, new CaptureConditions(cpus));
        Assert.Equal(opened, up.Likely);
        Assert.InRange(DemandRules.Of(device, new CaptureConditions(cpus)).High, up.Likely, up.High);
    }

    [Theory]
    // module, table, CPUs: vectors at least, likely, at most, where eight CPUs got two vectors of such a table
    [InlineData("virtio_scsi", 5, 1, 4, 4, 4)]  // configuration, control, event and a queue fit the table now
    [InlineData("virtio_scsi", 5, 2, 5, 5, 5)]
    [InlineData("virtio_scsi", 5, 4, 2, 2, 2)]  // and fall back again
    [InlineData("virtio_blk", 4, 1, 2, 2, 2)]
    [InlineData("virtio_blk", 4, 2, 2, 3, 3)]   // or it has one queue, whose managed set takes as many
    [InlineData("virtio_blk", 4, 4, 2, 2, 5)]
    public void Two_vectors_of_a_table_that_is_too_small_say_nothing_of_the_queues(string module, int table, int cpus, int low, int likely,
        int high)
    {
        VectorNeed need = DemandRules.Of(Device(module, table, 2), new CaptureConditions(cpus));
        Assert.Equal((low, likely, high), (need.Low, need.Likely, need.High));
    }

    [Fact]
    public void A_card_whose_queues_were_set_by_hand_may_have_more_in_a_crash_kernel()
    {
        VectorDevice device = Device("ixgbe", 64, 2) with { Up = true };
        VectorNeed need = DemandRules.Of(device, new CaptureConditions(4));
        Assert.Equal((2, 5), (need.Likely, need.High));
        Assert.Equal(Certainty.Range, need.Certainty);
    }

    [Fact]
    public void A_virtio_device_that_lives_with_its_pin_may_find_vectors()
    {
        VectorNeed need = DemandRules.Of(Device("virtio_blk", 2, 0) with { Line = 10 }, new CaptureConditions(1));
        Assert.Equal((0, 0, 2), (need.Low, need.Likely, need.High));
    }

    [Fact]
    public void No_row_leaves_its_range_whatever_table_and_CPUs()
    {
        foreach (DriverDemand row in DriverDemands.All)
        {
            foreach ((int table, int requested, int cpus) in from t in new[] { 1, 2, 3, 5, 9, 33, 2048 } from r in new[] { 0, 1, 2, 3, 9 }
                from n in new[] { 1, 2, 3, 4, 8, 16 } where r <= t select (t, r, n))
            {
                foreach (bool? up in new bool?[] { null, false, true })
                {
                    VectorNeed need = DemandRules.Of(Device(row.Module, table, requested) with { Up = up }, new CaptureConditions(cpus));
                    Assert.True(need.Low <= need.Likely && need.Likely <= need.High && need.Low >= 0,
                        $"{row.Module} table {table} requested {requested} cpus {cpus}: {need}");
                }
            }
        }
    }

    [Fact]
    public void Reset_devices_is_what_makes_storage_frugal()
    {
        VectorDevice device = Device("megaraid_sas", 16, 8);
        Assert.Equal(4, DemandRules.Of(device, new CaptureConditions(4) { ResetDevices = false }).Shown);
        Assert.Equal(1, DemandRules.Of(device, new CaptureConditions(4)).Shown);
    }

    [Fact]
    public void With_maxcpus_a_managed_set_costs_every_possible_CPU()
    {
        Assert.Equal(9, DemandRules.Of(Device("nvme", 65, 9), new CaptureConditions(1, Possible: 8)).Likely);
    }

    [Fact]
    public void Ports_need_nothing_in_compat_mode_and_what_they_have_otherwise()
    {
        VectorDevice port = Device("pcieport", 0, 2) with { Driver = "pcieport", Builtin = true, MsiMessages = 2, MsiMaskable = true,
            PortType = 4, Messages = new(0, 1, -1), Allocated = 2 };
        Assert.Equal(2, DemandRules.Of(port, new CaptureConditions(1)).Likely);
        Assert.Equal(1, DemandRules.Of(port, new CaptureConditions(1) { NoAer = true }).Likely);
        Assert.Equal(0, DemandRules.Of(port, new CaptureConditions(1) { PortsCompat = true }).High);
        Assert.Equal((0, 2, 3), Bounds(DemandRules.Of(port with { CpusNow = 0, Driver = "" }, new CaptureConditions(1))));
    }

    [Fact]
    public void A_block_of_messages_that_cannot_be_masked_is_held_whole()
    {
        VectorDevice port = Device("pcieport", 0, 0) with { Driver = "pcieport", Builtin = true, MsiMessages = 1, Allocated = 1,
            CpusNow = 8 };
        VectorNeed need = DemandRules.Of(port, new CaptureConditions(1));
        Assert.Equal((1, 0), (need.Likely, need.Shown));
    }

    [Fact]
    public void An_unknown_driver_is_bounded_by_what_it_has_and_never_sure()
    {
        VectorNeed need = DemandRules.Of(Device("strange", 128, 17) with { Allocated = 24 }, new CaptureConditions(2));
        Assert.Equal((0, 5, 24, Certainty.Unknown), (need.Low, need.Likely, need.High, need.Certainty));
        need = DemandRules.Of(Device("strange", 2048, 0) with { CpusNow = 0, Allocated = 0 }, new CaptureConditions(2));
        Assert.Equal((0, 8), (need.Low, need.High));
    }

    [Fact]
    public void Without_a_driver_in_the_image_or_behind_a_VMD_nothing_is_asked_for()
    {
        Assert.Equal(0, DemandRules.Of(Device("", 65, 9), new CaptureConditions(1)).High);
        Assert.Equal(0, DemandRules.Of(Device("nvme", 65, 9) with { Address = new PciAddress(0x10000, 1, 0, 0) }, new CaptureConditions(1))
            .High);
        Assert.Equal(0, DemandRules.Of(Device("nvme", 65, 9), new CaptureConditions(1) { NoMsi = true }).High);
    }

    private static VectorDevice Device(string module, int table, int requested) =>
        new(new Source("/sys/bus/pci/devices/0000:01:00.0", "x"), new PciAddress(0, 1, 0, 0), 0x010000, module, module) { MsixTable = table,
            Requested = requested, Allocated = requested, CpusNow = requested > 0 ? 8 : 0 };

    private static (int, int, int) Bounds(VectorNeed need) => (need.Low, need.Likely, need.High);
}
