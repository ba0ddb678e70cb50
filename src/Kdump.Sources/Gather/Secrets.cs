using System.Text;
using System.Text.RegularExpressions;

namespace Kdump.Sources.Gather;

/// <summary>
/// What is never collected from a machine. Files with these names are not opened even if the plan includes them; in text, the value
/// after a word that names a secret is masked. Masking too much does no harm, so the patterns are wide.
/// </summary>
public static partial class Secrets
{
    public const string Mask = "***";

    /// <summary>Paths that are never read, by any part of them.</summary>
    public static readonly string[] Never =
    [
        "/shadow", "/gshadow", "/passwd", "/sudoers", "/.ssh/", "/etc/ssh/", "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", ".key", ".pem",
            ".p12", ".pfx", ".jks", ".keytab", ".gpg", "/keys-", "/keyrings/", "/private/", "/secrets", "credential", "password",
        "/system-connections/", "wpa_supplicant", "/wireguard/", "/ipsec", "/machine-id", "/random-seed", "/proc/kcore", "/proc/kmsg",
            "/dev/kmsg", "/proc/kpage", "/proc/kallsyms", "/luks",
    ];

    /// <summary>A description of <see cref="Never"/> and the masking, for users.</summary>
    public static readonly string[] Policy =
    [
        "never read: ssh keys and configuration, " +
            "shadow and passwd files, private keys and certificates, keytabs, network connections with their keys " +
            "(NetworkManager, wpa_supplicant, wireguard), credentials, machine-id, memory (/proc/kcore), images and dumps",
        "masked in text: values behind password, " +
            "passwd, passphrase, secret, psk, token and the like, user:password@ in URLs and iSCSI names, blocks of private keys",
        "contained, please review before sharing: " +
            "host name, MAC and IP addresses, disk and file system ids, serial numbers in DMI tables, kernel log",
    ];

    public static bool IsForbidden(string path) => Never.Any(n => path.Contains(n, StringComparison.OrdinalIgnoreCase));

    /// <summary>The text with its secrets masked; the same instance when there are none.</summary>
    public static byte[] Masked(byte[] text)
    {
        // Read lines as Latin-1, so that every byte stays unchanged.
        string all = Encoding.Latin1.GetString(text);
        if (!MayHoldSecrets().IsMatch(all))
            return text;
        var done = new StringBuilder(all.Length);
        bool key = false;
        foreach (string line in all.Split('\n'))
        {
            if (done.Length > 0 || line.Length == 0)
                done.Append(key ? "" : "\n");
            if (!key && line.Contains("-----BEGIN", StringComparison.Ordinal) && line.Contains("PRIVATE KEY", StringComparison.Ordinal))
            {
                done.Append(Mask);
                key = true;
            }
            else if (!key)
                done.Append(Line(line));
            else if (line.Contains("-----END", StringComparison.Ordinal))
                key = false;
        }
        string masked = done.ToString();
        return masked == all ? text : Encoding.Latin1.GetBytes(masked);
    }

    public static string Line(string line)
    {
        line = Assigned().Replace(line, "$1" + Mask);
        line = Directive().Replace(line, "$1" + Mask);
        line = UrlPassword().Replace(line, "$1" + Mask + "@");
        return IscsiPassword().Replace(line, "$1" + Mask + "@");
    }

    [GeneratedRegex("pass|secret|psk|token|key|iscsi:|://", RegexOptions.IgnoreCase)]
    private static partial Regex MayHoldSecrets();

    private const string SecretWords =
        "password|passwd|passphrase|secret|psk|token|credential|private_?key|preshared_?key|wep_?key|wep-key|api_?key|" +
        """(?<!by)pass(?=["']?\s?[=:])""";

    private const string Value = """("[^"]*"?|'[^']*'?|[^\s"']\S*)""";

    /// <summary><c>name=value</c>, <c>name: value</c>; a quoted value to its quote, any other to the next blank.</summary>
    [GeneratedRegex(
        $"""((?<![A-Za-z0-9_.\-])[A-Za-z0-9_.\-]*(?:{SecretWords})[A-Za-z0-9_.\-]*["']?\s?[=:]\s?){Value}""",
        RegexOptions.IgnoreCase)]
    private static partial Regex Assigned();

    /// <summary>
    /// A line of a configuration whose first word names the secret: grub's password, ifupdown's wpa-psk and wireless-key.
    /// </summary>
    [GeneratedRegex(@"^(\s*(?:password|password_pbkdf2|passwd|wpa-\w+|wireless-key\d?|secret|psk)\s+)(?![=:]).+$", RegexOptions.IgnoreCase)]
    private static partial Regex Directive();

    [GeneratedRegex(@"(://[^\s:/@]*:)[^\s@]+@")]
    private static partial Regex UrlPassword();

    /// <summary>dracut's <c>netroot=iscsi:user:password@server</c>.</summary>
    [GeneratedRegex(@"(iscsi:)[^\s@]+@", RegexOptions.IgnoreCase)]
    private static partial Regex IscsiPassword();
}
