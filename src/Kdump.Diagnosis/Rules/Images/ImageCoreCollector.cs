using Kdump.Diagnosis.Evidence.Images;

namespace Kdump.Diagnosis.Rules.Images;

/// <summary>makedumpfile refuses the arguments of core_collector, or they do not fit the target.</summary>
public sealed class ImageCoreCollector : Rule
{
    public override string Id => "core-collector-invalid";

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (CollectorProblem p in facts.Of<CollectorProblem>())
        {
            yield return new Finding(Id, p.Problem, Severity.Error, 0.9,
                "makedumpfile ends before it writes anything; kdumpctl reports this when it starts; in the crash kernel it is too late.")
            {
                Subject = p.Source.Place,
                Evidence = [p.Source],
                Fixes = [
                    .. DumpImage.Rebuild(
                        "Correct core_collector and rebuild: makedumpfile -l -d 31 for a file, makedumpfile -F -l -d 31 for ssh and raw")],
            };
        }
    }
}
