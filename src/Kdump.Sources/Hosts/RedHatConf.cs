using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Model;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Hosts;

/// <summary>
/// What a machine's own kdumpctl refuses in /etc/kdump.conf beyond the file's form: a directive that its release does not have yet
/// (failure_action and final_action came in 2019, auto_reset_crashkernel in 2021, virtiofs in 2022, kdump_emergency in 2026), and a cluster
/// that names the machine itself. Authority: kdump-utils kdumpctl parse_config, check_fence_kdump_config.
/// </summary>
internal static class RedHatConf
{
    public static void Judge(MachineTree root, Facts own)
    {
        KdumpSetting[] settings = [.. own.Of<KdumpSetting>().Where(s => s.Source.Input.EndsWith(HostConf.RedHatFile,
            StringComparison.Ordinal))];
        string script = root.Text("/usr/bin/kdumpctl") ?? root.Text("/usr/sbin/kdumpctl") ?? "";
        // A stub, or another program of that name, shows nothing.
        if (HasWord(script, "core_collector") && HasWord(script, "kdump_post"))
        {
            foreach (KdumpSetting setting in settings.Where(s => !Knows(script, s.Name)))
                own.Add(new KdumpConfProblem(setting.Source, $"this machine's kdumpctl does not know '{setting.Name}'")
                {
                    Effect = ConfEffect.Refused, Correction = setting.Name == "failure_action" ? "Write default instead of failure_action"
                        : "Take the line out, or update the package that has kdumpctl",
                });
        }
        if (Array.Find(settings, s => s.Name == "fence_kdump_nodes") is { } nodes)
            Nodes(root, nodes, own);
    }

    private static void Nodes(MachineTree root, KdumpSetting nodes, Facts own)
    {
        string host = root.Text("/proc/sys/kernel/hostname") ?? root.Text("/etc/hostname") ?? "";
        HashSet<string> addresses = HostNetwork.Addresses(root, out _);
        foreach (string node in nodes.Value.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)
            .Where(n => n == host || addresses.Contains(n)))
            own.Add(new KdumpConfProblem(nodes.Source, $"fence_kdump_nodes names {node}, which is this machine")
            { Effect = ConfEffect.Refused, Correction = $"Take {node} out: only the other nodes of the cluster stand there" });
    }

    /// <summary>kdumpctl lists ext2, ext3 and ext4 as one pattern.</summary>
    private static bool Knows(string script, string name) =>
        HasWord(script, name) || (name.StartsWith("ext", StringComparison.Ordinal) && name.Length == 4 &&
            (script.Contains("ext[234]", StringComparison.Ordinal) || script.Contains("ext[2-4]", StringComparison.Ordinal)));

    private static bool HasWord(string text, string word)
    {
        for (int at = text.IndexOf(word, StringComparison.Ordinal); at >= 0; at = text.IndexOf(word, at + 1, StringComparison.Ordinal))
        {
            if ((at == 0 || !IsName(text[at - 1])) && (at + word.Length == text.Length || !IsName(text[at + word.Length])))
                return true;
        }
        return false;

        static bool IsName(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '-';
    }
}
