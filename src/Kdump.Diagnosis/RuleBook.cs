using Kdump.Diagnosis.Rules;

namespace Kdump.Diagnosis;

/// <summary>Every rule. The order is the order in which opinions of equal weight are shown.</summary>
public static class RuleBook
{
    public static readonly Rule[] All =
    [
        new CrashkernelNotReserved(),
        new KexecLoadRejected(),
        new KernelConfigLacksKdump(),
        new NoCaptureKernel(),
        new CrashkernelTooSmall(),
        new InitramfsNotUnpacked(),
        new CaptureKernelOom(),
        new CaptureKernelPanic(),
        new VectorExhaustion(),
        new FirmwareMissingInImage(),
        new DriverProbeFailed(),
        new DriverMissingInImage(),
        new DumpTargetWrongId(),
        new DumpTargetMissing(),
        new NoSpaceOnTarget(),
        new MakedumpfileFailed(),
        new VmcoreIncomplete(),
        new DumpSaved(),
        new RebindWithoutEffect(),
    ];
}
