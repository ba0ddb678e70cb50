using Kdump.Diagnosis.Evidence.Images;

namespace Kdump.Diagnosis.Rules.Images;

/// <summary>Something in the image starts kdump-probe, but the program is missing or will not run.</summary>
public sealed class ImageProbeMissing : Rule
{
    public override string Id => "probe-missing-in-image";

    public override Entry Entry => new("probe-missing-in-image", "something in the image starts kdump-probe, but the program is missing")
    {
        Area = Area.Image,
        Signature = ["kdump-probe.service or a hook without usr/bin/kdump-probe"],
        Cause = "The dump does not need it, but if the dump fails, there is no report why.",
        Fixes = [new("Install kdump-probe and rebuild the image", "kdumpctl rebuild && kdumpctl restart")],
        Origin = "dracut/50kdump-probe of this project",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (ProbeInImage p in facts.Of<ProbeInImage>().Where(p => p.Trouble.Length > 0))
        {
            yield return new Finding(p.Missing ? Id : "probe-damaged-in-image", p.Missing
                ? "kdump-probe is not in the image, but something in it starts the program" : $"{p.Path} will not run: {p.Trouble}",
                Severity.Warning, 0.95,
                "The dump itself does not need it, but if the dump fails, there will be no report why.")
            {
                Subject = p.Path,
                Evidence = [p.Source],
                Fixes = [.. DumpImage.Rebuild("Install kdump-probe on the machine and rebuild the image")],
            };
        }
    }
}
