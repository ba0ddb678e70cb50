using Kdump.Diagnosis.Evidence.Images;
using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Images;

/// <summary>Which distribution's dump tools a machine or an image has; fixes for other tools are omitted.</summary>
public static class DumpTools
{
    public static KdumpTools Of(Facts facts) =>
        facts.Of<KdumpSetup>() is [{ Tools: not KdumpTools.None } setup, ..] ? setup.Tools
        : facts.Of<ImageSummary>() is [{ Tools: not KdumpTools.None } image, ..] ? image.Tools
        : facts.Of<Distribution>() is [var distribution, ..] ? distribution.Tools : KdumpTools.None;
}
