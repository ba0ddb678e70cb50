using Kdump.Diagnosis.Evidence.Images;
using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Images;

/// <summary>Which distribution's dump tools a machine or an image has; fixes for other tools are omitted.</summary>
public static class DumpTools
{
    public static KdumpTools Of(Facts facts)
    {
        if (facts.Of<KdumpSetup>() is [{ Tools: not KdumpTools.None } setup, ..])
            return setup.Tools;
        if (facts.Of<ImageSummary>() is [{ Tools: not KdumpTools.None } image, ..])
            return image.Tools;
        return facts.Of<Distribution>() is [var distribution, ..] ? distribution.Tools : KdumpTools.None;
    }
}
