using Kdump.Diagnosis.Catalogue.Devices;
using Kdump.Diagnosis.Catalogue.Failures;
using Kdump.Diagnosis.Catalogue.Families;
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
        new SelinuxDeniesKdump(),
        new DumpToolCrashed(),
        new KdumpImageNotBuilt(),
        new KdumpServiceFailed(),
        new KdumpCheckFailed(),
        new KdumpNotReady(),
        new KernelConfigLacksKdump(),
        new NoCaptureKernel(),
        new CrashKernelSilent(),
        new CaptureParameters(),
        new CrashkernelTooSmall(),
        new ModuleEatsCrashKernel(),
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
        new SmmuFault(),
        new AerUncorrectable(),
        new AerCorrected(),
        new VfNotRecovered(),
        new PcieLinkDegraded(),
        new PciDeviceTrouble(),
        new DriverProbeFailed(),
        new DriverMissingInImage(),
        new DumpTargetWrongId(),
        new DumpTargetMissing(),
        new RootNotMounted(),
        new LockNotReleased(),
        new KernelOops(),
        new KernelWarning(),
        new SoftLockup(),
        new HardLockup(),
        new HungTask(),
        new RcuStall(),
        new MemoryExhausted(),
        new CgroupOutOfMemory(),
        new PageAllocationFailed(),
        new ProgramCrashed(),
        new RootNotFound(),
        new InitNotStarted(),
        new EntropyLate(),
        new KernelPanicked(),
        new CrashWithoutReport(),
        new NoSpaceOnTarget(),
        new DumpTargetMountFailed(),
        new VmcoreUnreadable(),
        new MakedumpfileFailed(),
        new DumpWriteFailed(),
        new DumpNotSaved(),
        new VmcoreIncomplete(),
        new CrashCannotOpen(),
        new DumpLacksPages(),
        new DumpSaved(),
        new RebindWithoutEffect(),
        new GpuXid(),
        .. DeviceFamilies.All.Where(family => family != DeviceFamilies.Xid).Select(family => new DeviceFailed(family)),
        .. FailureBook.All.Select(failure => new KnownFailure(failure)),
<<<<<<< ours
        .. FamilyBook.All.Select(family => new KnownFamily(family)),
=======
>>>>>>> new
        new TroubleNotKnown(),
    ];
}
