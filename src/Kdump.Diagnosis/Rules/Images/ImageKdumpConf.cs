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
            yield return new Finding(Id, p.Problem, p.Effect == ConfEffect.Fails ? Severity.Error : Severity.Warning, 0.9, p.Effect switch
            {
                ConfEffect.Fails => "The crash kernel fails on it, which is noticed only after a crash.",
                ConfEffect.Refused =>
                    "kdumpctl refuses such a file in the first kernel; in the crash kernel it is read without any message.",
                _ => "The crash kernel reads it without any message, and does not do what it says.",
            })
            {
                Subject = p.Source.Place,
                Evidence = [p.Source],
                Fixes = [.. DumpImage.Rebuild(p.Effect == ConfEffect.Fails && p.Correction.Length > 0
                    ? p.Correction + ", and rebuild the image" : "Correct the line and rebuild the image")],
            };
        }
    }
}
