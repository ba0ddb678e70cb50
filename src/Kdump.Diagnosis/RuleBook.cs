using Kdump.Diagnosis.Rules;

namespace Kdump.Diagnosis;

/// <summary>Every rule. The order is the order in which opinions of equal weight are shown.</summary>
public static class RuleBook
{
    public static readonly Rule[] All =
    [
        new VectorExhaustion(),
        new DriverProbeFailed(),
        new DumpTargetMissing(),
        new KernelOops(),
        new KernelWarning(),
        new SoftLockup(),
        new HardLockup(),
        new HungTask(),
        new RcuStall(),
        new OutOfMemory(),
        new KernelPanic(),
    ];
}
