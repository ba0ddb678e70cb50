using System.Text;
using Kdump.Formats.Bytes;
using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Hosts;

/// <summary>
/// What a dump by ssh needs of root's account: a key without a passphrase, and the server in known_hosts (in a crash kernel nobody
/// can answer ssh's question). Only a whole tree that shows root's home can tell.
/// </summary>
internal static class HostSsh
{
    private const string DefaultKey = "/root/.ssh/kdump_id_rsa", Known = "/root/.ssh/known_hosts";

    public static IEnumerable<KdumpConfProblem> Judge(MachineTree root, DumpTarget target, IReadOnlyList<KdumpSetting> settings)
    {
        if (!root.IsWhole || !root.IsFolder("/root") || root.List("/root").Count == 0)
            yield break;
        if (target.Source.Text.Contains("KDUMP_SAVEDIR", StringComparison.Ordinal))
        {
            foreach (KdumpConfProblem problem in Suse(root, target, settings))
                yield return problem;
            yield break;
        }
        bool debian = target.Source.Input.EndsWith("kdump-tools", StringComparison.Ordinal);
        string propagate = debian ? "kdump-config propagate" : "kdumpctl propagate";
        ConfEffect effect = debian ? ConfEffect.Fails : ConfEffect.Refused;
        KdumpSetting? named = settings.LastOrDefault(s => s.Name is "sshkey" or "SSH_KEY" && s.Value.Length > 0);
        // kdumpctl falls back to the default where the named key is not there.
        string key = named is not null && (debian || root.IsFile(named.Value)) ? named.Value : DefaultKey;
        if (!root.IsFile(key))
            yield return new(named?.Source ?? target.Source, $"the ssh key {key} does not exist")
            { Effect = effect, Correction = $"Make one and send it to the server: {propagate}" };
        string host = Host(target.Spec);
        if (host.Length > 0 && !new[] { Known, "/etc/ssh/ssh_known_hosts" }.Any(f => Has(root.Text(f) ?? "", host)) &&
            !root.IsForbidden(Known))
            yield return new(target.Source, $"ssh does not know the key of the host {host}, and nobody can confirm it in a crash kernel")
            { Effect = effect, Correction = $"Connect once as root, or run {propagate}" };
    }

    /// <summary>
    /// SUSE's dracut module (kdump_init_ssh) takes the server's key from KDUMP_HOST_KEY or root's known_hosts, and builds no image
    /// without one; <c>*</c> accepts every key. It logs in with root's keys, by these names or by KDUMP_SSH_IDENTITY; a password in
    /// the URL replaces them.
    /// </summary>
    private static IEnumerable<KdumpConfProblem> Suse(MachineTree root, DumpTarget target, IReadOnlyList<KdumpSetting> settings)
    {
        string host = Host(target.Spec), named = Value("KDUMP_SSH_IDENTITY");
        if (Value("KDUMP_HOST_KEY").Length == 0 && host.Length > 0 && !root.IsForbidden(Known) &&
            !new[] { Known, "/etc/ssh/ssh_known_hosts" }.Any(f => Has(root.Text(f) ?? "", host)))
            yield return new(target.Source, $"ssh does not know the key of the host {host}, and KDUMP_HOST_KEY is empty")
            { Effect = ConfEffect.Refused, Correction = "Connect once as root, or write the server's key into KDUMP_HOST_KEY" };
        string[] keys = named.Length > 0 ? named.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            : ["id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"];
        // user:password@host
        bool password = target.Source.Text.Split("://").Last().Split('@') is [var user, _, ..] && user.Contains(':');
        if (!password && !Array.Exists(keys, k => root.IsFile(k.StartsWith('/') ? k : "/root/.ssh/" + k)) && !root.IsForbidden(Known))
            yield return new(target.Source, $"root has no ssh key ({string.Join(", ", keys)}): the crash kernel cannot log in")
            { Effect = ConfEffect.Fails, Correction = "Make one and send it to the server: ssh-keygen, ssh-copy-id" };

        string Value(string name) => settings.LastOrDefault(s => s.Name == name && s.Value.Length > 0)?.Value ?? "";
    }

    /// <summary>The name or address, without user, port and folder.</summary>
    private static string Host(string spec)
    {
        string host = spec[(spec.LastIndexOf('@') + 1)..].Split('/')[0];
        int colon = host.IndexOf(':');
        // Several colons are an IPv6 address.
        return colon > 0 && host.LastIndexOf(':') == colon && int.TryParse(host.AsSpan(colon + 1), out _) ? host[..colon] : host;
    }

    /// <summary>A line of known_hosts (sshd(8)) for the host: by name, by <c>[name]:port</c>, or hashed.</summary>
    private static bool Has(string text, string host)
    {
        foreach (string line in text.Split('\n').Take(10_000))
        {
            string names = line.TrimStart().Split(' ')[0];
            if (names is ['#', ..] or ['@', ..] or "")
                continue;
            if (names.StartsWith("|1|", StringComparison.Ordinal) ? IsHashOf(names, host)
                : names.Split(',').Any(n => string.Equals(n, host, StringComparison.OrdinalIgnoreCase) ||
                n.StartsWith($"[{host}]", StringComparison.OrdinalIgnoreCase) || n.Contains('*')))
                return true;
        }
        return false;
    }

    /// <summary><c>|1|salt|HMAC-SHA1(salt, host)</c>, both in base 64.</summary>
    private static bool IsHashOf(string names, string host)
    {
        string[] parts = names.Split('|');
        byte[] salt = new byte[64], hash = new byte[64];
        return parts.Length == 4 && Convert.TryFromBase64String(parts[2], salt, out int saltLength) &&
            Convert.TryFromBase64String(parts[3], hash, out int length) &&
            // ssh's own format, which has no other hash.
#pragma warning disable CA5350
            HmacSha1.Of(salt.AsSpan(0, saltLength), Encoding.UTF8.GetBytes(host)).AsSpan().SequenceEqual(hash.AsSpan(0, length));
#pragma warning restore CA5350
    }
}
