using Kdump.Diagnosis;
using Kdump.Diagnosis.Catalogue;
using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Evidence;
using Kdump.Diagnosis.Times;

namespace Kdump.Cli.Collect;

/// <summary>Every form of text that is recognised. The kernel log comes first: it tells the others which boot they read.</summary>
internal static class TextParsers
{
    public static LineParser[] Create() =>
    [
        new Dmesg(),
        new ProbeReportReader(),
        new CrashLog(),
        new DumpWatch(),
        new FailureLines(),
        new LastWords(),
        new DeviceWaits(),
        new IrqMatrix(),
        new MachineCheckLines(),
        new RasDaemon(),
        new Aer(),
        new Dmar(),
        new AmdVi(),
        new IommuGroups(),
        new PciTroubles(),
        new VirtualFunctions(),
        new Lspci(),
        new LspciTree(),
        new Dmidecode(),
        new Cper(),
        new MachineFacts(),
        new ProcInterrupts(),
        new FunctionGraph(),
        new DiskLinks(),
        new ShellRebinds(),
        new KernelConfig(),
        new ClockAnchors(),
    ];
}
