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

    /// <summary>The secrets that a line holds, each without its quotation marks.</summary>
    public static IEnumerable<string> In(string line)
    {
        if (!MayHoldSecrets().IsMatch(line))
            yield break;
        foreach (Match m in Assigned().Matches(line).Concat(Spoken().Matches(line)).Concat(Authorization().Matches(line))
            .Concat(InQuery().Matches(line)).Concat(UrlPassword().Matches(line)))
            yield return m.Groups[2].Value.Trim('"', '\'', ',', ';', '}', ')', '.', '<', '>', '\u201c', '\u201d');
        foreach (Match m in Token().Matches(line))
            yield return m.Value;
    }

    public static string Line(string line)
    {
        if (!MayHoldSecrets().IsMatch(line))
            return line;
        line = Authorization().Replace(line, "$1" + Mask);
        line = Token().Replace(line, Mask);
        line = InQuery().Replace(line, "$1" + Mask);
        line = Spoken().Replace(line, "$1" + Mask);
        line = Assigned().Replace(line, "$1" + Mask);
        line = Directive().Replace(line, "$1" + Mask);
        line = UrlPassword().Replace(line, "$1" + Mask + "@");
        return IscsiPassword().Replace(line, "$1" + Mask + "@");
    }

    [GeneratedRegex("pass|secret|psk|token|key|iscsi:|://|wpa|credential|auth|bearer|gh[oprsu]_|" +
        "github_pat|glpat-|xox|eyj|akia|asia|aiza|hvs[.]|sk-", RegexOptions.IgnoreCase)]
    private static partial Regex MayHoldSecrets();

    private const string SecretWords =
        "password|passwd|passphrase|secret|psk|token|credential|private_?key|preshared_?key|wep_?key|wep-key|api_?key|" +
        """(?<!by)pass(?=["']?\s?[=:])""";

    private const string Value = """("[^"]*"?|'[^']*'?|[^\s"']\S*)""";

    /// <summary><c>name=value</c>, <c>name: value</c>; a quoted value to its quote, any other to the next blank.</summary>
    [GeneratedRegex(
        $"""((?<![A-Za-z0-9_.\-])[A-Za-z0-9_.\-]*(?:{SecretWords})[A-Za-z0-9_.\-]*["']?\s?[=:]\s?)(?!\*\*\*){Value}""",
        RegexOptions.IgnoreCase)]
    private static partial Regex Assigned();

    /// <summary>
    /// A line of a configuration whose first word names the secret: grub's password, ifupdown's wpa-psk and wireless-key.
    /// </summary>
    [GeneratedRegex(@"^(\s*(?:password|password_pbkdf2|passwd|wpa-\w+|wireless-key\d?|secret|psk)\s+)(?![=:]).+$", RegexOptions.IgnoreCase)]
    private static partial Regex Directive();

    /// <summary><c>the password is x</c>: in a log, where somebody typed or printed it.</summary>
    [GeneratedRegex(@"(\b(?:password|passwd|passphrase|secret|token)(?: \w+)? (?:is|was) (?:[""'])?)(?=[^\s""']*\d)([^\s""']+)",
        RegexOptions.IgnoreCase)]
    private static partial Regex Spoken();

    /// <summary>A header of HTTP, and the token behind its word.</summary>
    [GeneratedRegex(@"(\bauthorization[""']?\s?[=:]\s?[""']?(?:(?:basic|bearer|digest|negotiate|token|aws4-hmac-sha256)\s+)?|" +
        @"\bbearer\s+(?=\S*[\d.]))([^\s""']+)", RegexOptions.IgnoreCase)]
    private static partial Regex Authorization();

    /// <summary>Tokens that are known by their form: GitHub, GitLab, Slack, AWS, Google, Vault, OpenAI, JSON web tokens.</summary>
    [GeneratedRegex(@"(?<![A-Za-z0-9_])(?:gh[oprsu]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abeprs]-[\w-]{10,}|" +
        @"(?:AKIA|ASIA)[0-9A-Z]{16}|AIza[\w-]{30,}|hvs\.[\w-]{20,}|sk-[A-Za-z0-9_-]{20,}|" +
        @"eyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?)(?![A-Za-z0-9_])")]
    private static partial Regex Token();

    /// <summary>A parameter of a URL that lets whoever has it in.</summary>
    [GeneratedRegex(@"([?&][\w.-]*(?:sig|signature|credential|key|code|auth|token|session|passw)[\w.-]*=)([^&\s""'<>]+)",
        RegexOptions.IgnoreCase)]
    private static partial Regex InQuery();

    [GeneratedRegex(@"(://[^\s:/@]*:)([^\s@]+)@")]
    private static partial Regex UrlPassword();

    /// <summary>dracut's <c>netroot=iscsi:user:password@server</c>.</summary>
    [GeneratedRegex(@"(iscsi:)[^\s@]+@", RegexOptions.IgnoreCase)]
    private static partial Regex IscsiPassword();
}
