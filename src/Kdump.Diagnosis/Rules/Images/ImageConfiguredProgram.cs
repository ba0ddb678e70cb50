using Kdump.Diagnosis.Evidence.Images;

namespace Kdump.Diagnosis.Rules.Images;

/// <summary>The configuration, or the script /init, names a program that is not in the image.</summary>
public sealed class ImageConfiguredProgram : Rule
{
    public override string Id => "configured-program-missing";

    public override Entry Entry => new("configured-program-missing", "the configuration names a program that is not in the image")
    {
        Area = Area.Image,
        Signature = ["kdump_pre, kdump_post, core_collector, extra_bins", "a command of the script /init"],
        Cause = "It is not found when it is needed.",
        Fixes = [new("Name it in extra_bins")],
        Origin = "init/initramfs.c, dracut, kdump-utils",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (ConfiguredProgramMissing p in facts.Of<ConfiguredProgramMissing>())
        {
            bool collector = p.Setting is "core_collector" or "KDUMP_DUMPFORMAT" or "ssh" or "nfs" or
                "cifs" or "KDUMP_SAVEDIR";
            bool init = p.Setting == "/init";
            string effect;
            if (init)
                effect = "/init cannot do its work without it: the image does not start, or its root is not mounted.";
            else if (collector)
                effect = "No other program writes the dump.";
            else if (p.Setting == "kdump_pre")
                effect = "If kdump_pre fails, no dump is written.";
            else
                effect = "Everything that calls it in the crash kernel fails.";
            yield return new Finding(Id, $"{p.Program} is not in the image, and {p.Setting} names it", init || collector ||
                p.Setting is "kdump_pre" or "KDUMP_PRESCRIPT" ? Severity.Critical : Severity.Error, 0.95,
                effect)
            {
                Subject = p.Program,
                Evidence = [p.Source],
                Fixes = [.. DumpImage.Rebuild("Install the program on the machine and rebuild the image")],
            };
        }
    }
}
