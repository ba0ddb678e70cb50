using Kdump.Diagnosis.Catalogue.Failures;
using Kdump.Diagnosis.Rules.Crashes;
using Kdump.Diagnosis.Rules.Dumps;
using Kdump.Diagnosis.Rules.Hardware;

namespace Kdump.Diagnosis.Rules;

/// <summary>Every rule. The order is the order in which opinions of equal weight are shown.</summary>
public static class RuleBook
{
    public static readonly Rule[] All =
    [
        new CrashkernelNotReserved(),
        new KexecLoadRejected(),
        new KdumpServiceFailed(),
        new KernelConfigLacksKdump(),
        new NoCaptureKernel(),
        new CaptureParameters(),
        new CrashkernelTooSmall(),
        new InitramfsNotUnpacked(),
        new CaptureKernelOom(),
        new CaptureKernelPanic(),
        new VectorExhaustion(),
        new ForecastMissed(),
        new FirmwareMissingInImage(),
        new MceFatal(),
        new MceUncorrected(),
        new DimmFailing(),
        new PoisonedPages(),
        new MceLeftOver(),
        new MceCorrected(),
        new MceFirmwareFirst(),
        new EdacDeviceFailing(),
        new CriticalTemperature(),
        new ProcessorTooHot(),
        new IommuEnabledByDefault(),
        new AcsMissing(),
        new IommuGroupFailed(),
        new IommuFault(),
        new AerUncorrectable(),
        new AerCorrected(),
        new VfNotRecovered(),
        new PcieLinkDegraded(),
        new PciDeviceTrouble(),
        new DriverProbeFailed(),
        new DriverMissingInImage(),
        new DumpTargetWrongId(),
        new DumpTargetMissing(),
        new LockNotReleased(),
        new KernelOops(),
        new KernelWarning(),
        new SoftLockup(),
        new HardLockup(),
        new HungTask(),
        new RcuStall(),
        new MemoryExhausted(),
        new KernelPanicked(),
        new CrashWithoutReport(),
        new NoSpaceOnTarget(),
        new MakedumpfileFailed(),
        new VmcoreIncomplete(),
        new DumpLacksPages(),
        new DumpSaved(),
        new RebindWithoutEffect(),
        .. FailureBook.All.Select(failure => new KnownFailure(failure)),
    ];
}
