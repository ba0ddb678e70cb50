using Kdump.Diagnosis.Evidence.DumpSetup;

namespace Kdump.Diagnosis.Rules.Images;

/// <summary>
/// The dump configuration in the image contains something that the dump tools refuse, ignore or interpret differently.
/// </summary>
public sealed class ImageKdumpConf : Rule
{
    public override string Id => "kdump-conf-invalid";

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (KdumpConfProblem p in facts.Of<KdumpConfProblem>().Where(p => !p.OfMachine))
        {
            yield return new Finding(Id, p.Problem, Severity.Warning, 0.9,
                "kdumpctl refuses such a file in the first kernel; in the crash kernel it is read without any message.")
            {
                Subject = p.Source.Place,
                Evidence = [p.Source],
                Fixes = [.. DumpImage.Rebuild("Correct the line and rebuild the image")],
            };
        }
    }
}
