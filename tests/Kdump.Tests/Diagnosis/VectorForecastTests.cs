using System.Globalization;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Vectors;

namespace Kdump.Tests.Verdicts;

public sealed class VectorForecastTests
{
    private static readonly Source Nowhere = new("", "");

    [CorpusFact("vectors")]
    public void It_agrees_with_the_kernels_own_allocator_on_who_is_refused_first()
    {
        string folder = Repository.Corpus("vectors")!;
        int read = 0, refused = 0;
        foreach (string[] row in File.ReadLines(Path.Combine(folder, "manifest.tsv")).Skip(1).Select(l => l.Split('\t')))
        {
            int cpus = Number(row[2]), capacity = Number(row[3]);
            var consumers = new List<VectorConsumer>();
            foreach (string[] word in File.ReadLines(Path.Combine(folder, row[0] + ".in")).Select(l => l.Split(' '))
                .Where(w => w[0] != "kernel"))
            {
                // fixed NAME n; msix NAME allocated requested; managed NAME pre queues.
                int vectors = word[0] switch { "fixed" => Number(word[2]), "msix" => Number(word[3]), _ => Number(word[2]) + cpus };
                consumers.Add(new(Nowhere, $"{consumers.Count:0000} {word[1]}", word[1], ProbePhase.Module,
                    null) { Fixed = VectorNeed.Exactly(vectors) });
            }
            VectorPlan plan = new VectorForecast(consumers, VectorCapacity.Measured(capacity, "corpus"), new CaptureConditions(cpus),
                CpuMemory.Assumed, maxcpus: false).Current;
            Assert.True(plan.Fits == (row[7] == "ok"), $"vectors/{row[0]}: {string.Join(' ', row)}");
            Assert.Equal(row.Length > 8 ? row[8] : "", plan.Victims.Count == 0 ? "" : plan.Victims[0].Consumer.Driver);
            read++;
            refused += plan.Fits == false ? 1 : 0;
        }
        Assert.Equal(75, read);
        Assert.True(refused > 5);
    }

    [Fact]
    public void Modules_probe_after_the_kernels_own_drivers_and_children_after_both()
    {
        VectorForecast forecast = Forecast(1, Of("virtio_blk", 0, "virtio-pci"), Of("nvme", 9, "nvme"),
            Of("pcieport", 30, "pcieport") with { Builtin = true, Requested = 1, CpusNow = 8 }, Of("ahci", 2, "ahci"));
        Assert.Equal(["pcieport", "ahci", "nvme", "virtio_blk"], forecast.Consumers.Select(c => c.Driver));
    }

    [Fact]
    public void Virtio_falls_back_to_two_vectors_then_to_its_pin_then_fails()
    {
        // 198 taken: two left for the first card that wants three, none for the next.
        VectorDevice[] cards = [.. Enumerable.Range(0, 68)
            .Select(i => Of("virtio_net", i, "virtio-pci") with { MsixTable = 3, Requested = 3, Allocated = 3, CpusNow = 8 })];
        VectorPlan plan = Forecast(1, cards).Current;
        Assert.Equal((204, 201, false), (plan.Likely, plan.Available, plan.Fits));
        Assert.Equal([("0000:43.0", true)],
            plan.Victims.Select(v => (v.Consumer.Device!.Address.Bus == 0x43 ? "0000:43.0" : v.Consumer.Name, v.Fails)));
    }

    [Fact]
    public void The_recommendation_leaves_a_margin()
    {
        // 190 of 201 fit one CPU, but not with a tenth to spare.
        VectorForecast forecast = Forecast(1,
            [.. Enumerable.Range(0, 190)
            .Select(i => Of("virtio_rng", i % 256, "virtio-pci") with { MsixTable = 2, Address = new PciAddress(i / 256, (byte)i, 0, 0) })
            .Take(95)]);
        Assert.Equal((190, true, false), (forecast.Current.Likely, forecast.Current.Fits, forecast.Current.HasMargin));
        Assert.Equal(2, forecast.Recommended);
    }

    [Fact]
    public void A_target_is_lost_only_when_its_own_device_is()
    {
        VectorDevice target = Of("ahci", 200, "ahci") with { OnTargetPath = true, MsixTable = 1, Requested = 1, CpusNow = 8 };
        VectorDevice[] crowd = [.. Enumerable.Range(0, 120).Select(i => Of("virtio_rng", i, "virtio-pci") with { MsixTable = 2 })];
        Assert.True(Forecast(1, [.. crowd, target]).Current.TargetSurvives);
        VectorPlan lost = Forecast(1,
            [.. crowd.Select(c => c with { Module = "ioatdma", Driver = "ioatdma", Requested = 2, CpusNow = 8 }),
            target with { Module = "smartpqi", Driver = "smartpqi", Address = new PciAddress(0, 250, 0, 0) }]).Current;
        Assert.False(lost.TargetSurvives);
        Assert.Null(Forecast(1, crowd).Current.TargetSurvives);
    }

    [Fact]
    public void More_CPUs_cost_memory_for_areas_stacks_and_queues()
    {
        VectorForecast forecast = Forecast(1, Of("nvme", 1, "nvme") with { MsixTable = 65, Requested = 9, CpusNow = 8 });
        Assert.Equal(0, forecast.Plan(1).MemoryBytes);
        long queue = (1024 * 80) + (96 * 1024);
        Assert.Equal((3 * CpuMemory.Assumed.PerCpu) + (3 * queue), forecast.Plan(4).MemoryBytes);
    }

    [Fact]
    public void Config_space_tells_tables_messages_and_port_numbers()
    {
        byte[] space = new byte[4096];
        space[0x34] = 0x40;
        (space[0x40], space[0x41], space[0x42], space[0x43]) = (0x11, 0x50, 0x40, 0x80);   // MSI-X enabled, 65 entries
        (space[0x50], space[0x51], space[0x52], space[0x53]) = (0x05, 0x60, 0x0a, 0x01);   // MSI, 32 messages, maskable
        (space[0x60], space[0x61], space[0x62], space[0x63]) = (0x10, 0x00, 0x42, 0x06);   // root port, message 3
        (space[0x100], space[0x102], space[0x103]) = (0x01, 0x01, 0x20);                   // AER, next 0x200
        space[0x133] = 5 << 3;
        (space[0x200], space[0x202], space[0x204]) = (0x1d, 0x01, 0x07);                   // DPC, message 7
        Assert.Equal(new InterruptCapabilities(65, 32, true, 4, new PortMessages(3, 5, 7)), InterruptCapabilities.Read(space));
        Assert.Null(InterruptCapabilities.Read(space.AsSpan(0, 64)));
    }

    [Fact]
    public void A_loop_of_capabilities_ends()
    {
        byte[] space = new byte[4096];
        (space[0x34], space[0x40], space[0x41]) = (0x40, 0x09, 0x40);
        (space[0x100], space[0x102], space[0x103]) = (0x0b, 0x01, 0x10);
        Assert.Equal(new InterruptCapabilities(0, 0, false, -1, new PortMessages(-1, -1, -1)), InterruptCapabilities.Read(space));
    }

    private static VectorForecast Forecast(int cpus, params VectorDevice[] devices) =>
        new(devices.Select(VectorConsumer.Of), VectorCapacity.Measured(201, "test"), new CaptureConditions(cpus), CpuMemory.Assumed,
            maxcpus: false);

    private static VectorDevice Of(string module, int bus, string driver) =>
        new(Nowhere, new PciAddress(0, (byte)bus, 0, 0), 0, driver, module) { MsixTable = 2 };

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
