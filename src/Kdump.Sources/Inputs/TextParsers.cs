using Kdump.Diagnosis.Catalogue.Devices;
using Kdump.Diagnosis.Catalogue.Failures;
using Kdump.Diagnosis.Catalogue.Families;
using Kdump.Diagnosis.Catalogue.Tools;
using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Evidence.Pci;
using Kdump.Diagnosis.ProbeReports;
using Kdump.Diagnosis.Speakers;
using Kdump.Diagnosis.Text;
using Kdump.Diagnosis.Times;

namespace Kdump.Sources.Inputs;

/// <summary>Every form of text that is recognised. The kernel log comes first: it tells the others which boot they read.</summary>
public static class TextParsers
{
    public static LineParser[] Create() =>
    [
        new Dmesg(),
        new ProbeReportReader(),
        new CrashLog(),
        new DumpWatch(),
        // Those below take lines that tell this too.
        new GoneDevices(),
        new AtaPorts(),
        new NetworkLinks(),
        new CheckRuns(),
        new FailureLines(),
        new DeviceLines(),
        new ToolLines(),
        new VirtualAddressBits(),
        new SpuriousInterrupts(),
        new ToolCrashes(),
        new KexecPlaces(),
        new SelinuxDenials(),
        new Memstrack(),
        new KdumpStatuses(),
        new BlockIds(),
        new Iomem(),
        new FamilyLines(),
        new PastedStacks(),
        new StackPieces(),
        new LastWords(),
        new WordsBeforeEnd(),
        new UnitStates(),
        new UnitEnds(),
        new DeviceComplaints(),
        new DeviceWaits(),
        new FailedDependencies(),
        new StartJobs(),
        new MachineSteps(),
        new RootSearch(),
        new MemoryReports(),
        new MemoryZones(),
        new ProgramFaults(),
        new RandomLines(),
        new ArmCpus(),
        new ForeignHands(),
        new NmiBacktraces(),
        new XenConsole(),
        new IrqMatrix(),
        new MachineCheckLines(),
        new RasDaemon(),
        new EdacCounts(),
        new FabricPorts(),
        new MultipathMaps(),
        new SuppressedLines(),
        new Aer(),
        new Dmar(),
        new AmdVi(),
        new SmmuEvents(),
        new IommuGroups(),
        new PciTroubles(),
        new VirtualFunctions(),
        new Lspci(),
        new LspciTree(),
        new HardwareReports(),
        new Dmidecode(),
        new Cper(),
        new MachineFacts(),
        new ContainerStates(),
        new KubernetesEvents(),
        new MachineIdentities(),
        new ProcInterrupts(),
        new FunctionGraph(),
        new DiskLinks(),
        new ShellRebinds(),
        new KernelConfig(),
        new ClockAnchors(),
        new SpeakerLines(),
        // What it takes away, those above have read.
        new ContainerLines(),
    ];
}
