using Kdump.Diagnosis.Rules;

namespace Kdump.Diagnosis;

/// <summary>Every rule. The order is the order in which opinions of equal weight are shown.</summary>
public static class RuleBook
{
    public static readonly Rule[] All =
    [
        new VectorExhaustion(),
        new MceFatal(),
        new MceCorrected(),
        new MceFirmwareFirst(),
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
        new DumpTargetMissing(),
    ];
}
