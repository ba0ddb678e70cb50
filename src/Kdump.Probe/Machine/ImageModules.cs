using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Text;

namespace Kdump.Probe.Machine;

/// <summary>The modules in the image that belong to the running kernel.</summary>
internal static class ImageModules
{
    private static readonly string[] Directories = ["/lib/modules/", "/usr/lib/modules/"];

    /// <summary>
    /// For each device (modalias) the names of the matching modules, separated by blanks; null if the image has no modules.alias.
    /// </summary>
    public static string[]? Match(Root root, Facts facts, List<string> wanted)
    {
        string release = facts.Of<KernelState>() is [var kernel, ..] ? kernel.Release : "";
        if (wanted.Count == 0 || release.Length == 0 || release.Contains('/'))
            return null;
        foreach (string directory in Directories)
        {
            string path = $"{directory}{release}/modules.alias";
            using Stream? stream = root.Stream(path, 16 * 1024 * 1024);
            if (stream is null)
                continue;
            List<string>[] found = ModulesAlias.Match(new LineReader(path, stream), wanted);
            string[] joined = new string[found.Length];
            for (int i = 0; i < found.Length; i++)
                joined[i] = string.Join(' ', found[i]);
            return joined;
        }
        return null;
    }
}
