using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Model;

namespace Kdump.Sources.Machines;

/// <summary>The command that writes the dump, as kdump-utils, kdump-config and SUSE's kdump-save make it of their settings.</summary>
internal static class DumpCommand
{
    /// <summary>The command; null for kdump-utils' default.</summary>
    public static string? Of(KdumpTools tools, Facts settings)
    {
        switch (tools)
        {
            case KdumpTools.Debian:
                return "makedumpfile " + (Value("MAKEDUMP_ARGS") ?? "-c -d 31");
            case KdumpTools.Suse:
                string packing = (Value("KDUMP_DUMPFORMAT") ?? "lzo") switch
                {
                    "compressed" => "-c ", "lzo" => "-l ", "snappy" => "-p ", "zstd" => "-z ", _ => "",
                };
                return $"makedumpfile {packing}-d {Value("KDUMP_DUMPLEVEL") ?? "31"}";
            default:
                return Value("core_collector");
        }

        string? Value(string name) => settings.Of<KdumpSetting>().LastOrDefault(s => s.Name == name && s.Value.Length > 0)?.Value;
    }
}
