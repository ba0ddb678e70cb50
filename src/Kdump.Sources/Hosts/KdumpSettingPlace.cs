using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Model;

namespace Kdump.Sources.Hosts;

/// <summary>A folder of the machine that its configuration names for dumps.</summary>
internal sealed record KdumpSettingPlace(string Path)
{
    /// <summary>Only folders of the running system: a path on another target counts only if that target is mounted.</summary>
    public static IEnumerable<KdumpSettingPlace> Of(Facts facts) =>
        from s in facts.Of<KdumpSetting>()
        where s.Name is "path" or "KDUMP_COREDIR" or "KDUMP_SAVEDIR"
        let path = s.Value.StartsWith("file://", StringComparison.Ordinal) ? s.Value["file://".Length..] : s.Value
        where path.StartsWith('/')
        select new KdumpSettingPlace(path.Length > 1 ? path.TrimEnd('/') : path);
}
