namespace Kdump.Diagnosis.Rules.Images;

/// <summary>Every rule of <c>kdt image check</c>. The order is the order in which opinions of equal weight are shown.</summary>
public static class ImageRuleBook
{
    public static readonly Rule[] All =
    [
        new ImageUnreadable(),
        new ImageRefused(),
        new ImageInit(),
        new ImageCannotDump(),
        new ImageKernelMismatch(),
        new KernelFileMismatch(),
        new ImageDriverMissing(),
        new ImageModuleDependency(),
        new ImageModuleIndex(),
        new ImageModulePacking(),
        new ImageModuleSignature(),
        new ImageFirmwareMissing(),
        new ImageTargetProgram(),
        new ImageTargetId(),
        new ImageLibraryMissing(),
        new ImageInterpreterMissing(),
        new ImageHookMode(),
        new ImageProgramDamaged(),
        new ImageKdumpConf(),
        new ImageConfiguredProgram(),
        new ImageConfiguredModule(),
        new ImageUnitProgram(),
        new ImageCoreCollector(),
        new ImageStale(),
        new ImageTargetOld(),
        new ImageTooLarge(),
        new ImageNoRoom(),
        new ImageModuleAppetite(),
        new ImageParameters(),
        new ImageNamesLost(),
        new ImageProbeMissing(),
    ];

    /// <summary>Findings about the machine around the image, which another image would not change.</summary>
    private static readonly string[] OfMachine = ["crashkernel-not-reserved", "no-space-on-target", "cmdline-parameter-harmful",
        "cmdline-parameter-unknown"];

    /// <summary>True for a finding about the image itself.</summary>
    public static bool IsOfImage(Finding finding) => Array.IndexOf(OfMachine, finding.Id) < 0;
}
