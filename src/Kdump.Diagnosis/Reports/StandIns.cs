using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Reports;

/// <summary>What a stand-in stands for.</summary>
public enum StandInKind
{
    /// <summary>The name of a machine, without its domain.</summary>
    Host,

    /// <summary>The domain of hosts.</summary>
    Domain,

    /// <summary>An IPv4 or IPv6 address.</summary>
    Ip,

    /// <summary>A hardware address: MAC, GUID, WWN with colons.</summary>
    Mac,

    /// <summary>A serial number, asset tag or PPIN.</summary>
    Serial,

    /// <summary>A UUID, label, machine id, WWN or iSCSI name.</summary>
    Id,

    /// <summary>A user at a host, or the owner of a home directory.</summary>
    User,

    /// <summary>The value of a kernel parameter that may be a secret.</summary>
    Value,

    /// <summary>An input, or a part of its path.</summary>
    Name,
}

/// <summary>
/// Replaces what identifies a machine in the texts of one answer by stand-ins such as <c>host#1</c>: the same value by the same one. Names
/// and serial numbers are learnt from lines that say what they are (<see cref="Read"/>) and replaced wherever they occur; addresses and ids
/// are recognised by their form. Masking too much does little harm, so the patterns are wide.
/// </summary>
public sealed class StandIns
{
    /// <summary>A shorter name is replaced only where a line says that it is one.</summary>
    private const int MinLearnt = 4;

    /// <summary>A shorter secret is masked only behind the word that names it.</summary>
    private const int MinSecret = 6;

    /// <summary>Letters of a cut value that must be left to recognise it.</summary>
    private const int MinCut = 4;

    /// <summary>Values of one answer; those beyond get no number of their own.</summary>
    private const int MaxValues = 100_000;

    private readonly Dictionary<(StandInKind Kind, string Value), string> known = [];
    private readonly Dictionary<string, int> counts = [];
    private readonly Dictionary<string, string> literals = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> domains = new(StringComparer.OrdinalIgnoreCase);
    private readonly Func<string, bool> ordinary;
    private SearchValues<string>? search;
    private int[] lengths = [];

    /// <param name="ordinary">
    /// True for a word that our own texts have in them: a host with such a name is replaced only where a line says that it is a host.
    /// </param>
    public StandIns(Func<string, bool> ordinary) => this.ordinary = ordinary;

    /// <summary>The stand-in for a value, which from now on is replaced wherever it occurs.</summary>
    public string Learn(StandInKind kind, string value)
    {
        value = value.Trim();
        if (value.Length == 0 || value.Contains('#', StringComparison.Ordinal))
            return value;
        if (kind == StandInKind.Host)
            return Host(value);
        string stand = Number(kind, value);
        if (kind is StandInKind.User or StandInKind.Name && (!IsTelling(value) || SiteNames.IsOfSystem(value)))
            return stand;
        if (value.Length >= MinLearnt && (kind != StandInKind.Serial || value.Length > MinLearnt || !long.TryParse(value, out _)))
            Literal(value, stand);
        return stand;
    }

    /// <summary>A text that is to be replaced by another one, such as a path by its stand-in.</summary>
    public void Literal(string text, string stand)
    {
        if (text.Length >= MinLearnt && literals.Count < MaxValues && literals.TryAdd(text, stand))
            search = null;
    }

    /// <summary>Secrets of one line, which another line may show without the word that tells of them.</summary>
    public void Hide(IEnumerable<string> secrets, string mask)
    {
        foreach (string secret in secrets)
        {
            if (secret.Length >= MinSecret && !secret.Contains('#', StringComparison.Ordinal) && IsTelling(secret))
                Literal(secret, mask);
        }
    }

    /// <summary>Learns what the lines of a text say about names and serial numbers.</summary>
    public void Read(string text)
    {
        bool before = Learning;
        Learning = true;
        Of(text);
        Learning = before;
    }

    /// <summary>
    /// Texts are only read for what they tell: what was learnt is not replaced in them, because the search for it would be made
    /// again after each new name.
    /// </summary>
    public bool Learning { get; set; }

    /// <summary>The text with stand-ins.</summary>
    public string Of(string text)
    {
        if (text.Length < MinCut)
            return text;
        // Before what is learnt: a value is masked as a whole.
        int command = CommandLineAt(text);
        if (command >= 0)
            text = string.Concat(text.AsSpan(0, command), CommandLine(text[command..]));
        text = Literals(text);
        text = NamePatterns.Home().Replace(text, m => m.Groups[1].Value + Learn(StandInKind.User, m.Groups[2].Value));
        text = SiteNames.In(text, this);
        text = NamePatterns.LoggersHost().Replace(text, m => m.Groups[1].Value + Learn(StandInKind.Host, m.Groups[2].Value));
        text = NamePatterns.NamedHost().Replace(text, m => m.Groups[1].Value + HostOrAddress(m.Groups[2].Value));
        text = NamePatterns.UserAt().Replace(text, UserAt);
        text = NamePatterns.NamedSerial().Replace(text, m => m.Groups[1].Value + Learn(StandInKind.Serial, m.Groups[2].Value));
        text = NamePatterns.NamedId().Replace(text, m => m.Groups[1].Value + Learn(StandInKind.Id, m.Groups[2].Value));
        text = NamePatterns.BareId().Replace(text, m => Id(m.Value));
        text = NamePatterns.DashedMac().Replace(text, m => Learn(StandInKind.Mac, m.Value));
        text = NamePatterns.Colons().Replace(text, m => Colon(m.Value));
        text = NamePatterns.V4().Replace(text, m => IsOwnV4(m.Value) ? m.Value : Learn(StandInKind.Ip, m.Value));
        text = NamePatterns.Domains().Replace(text, m => Domain(m.Groups[1].Value, m.Groups[2].Value));
        return Cut(text);
    }

    /// <summary>The words of a kernel's command line: what may be a secret, a name or an address has a stand-in.</summary>
    public string CommandLine(string words) => string.Join(' ', words.Split(' ').Select(Parameter));

    /// <summary>The stand-in for a path: parts with words that no system has by itself are replaced.</summary>
    /// <param name="given">What the user named, above or at this path.</param>
    public string Path(string path, string? given)
    {
        // /var/crash and dmesg.txt tell nothing.
        if (IsHarmless(path))
            return path;
        string made;
        if (given is { Length: > 0 } && path.StartsWith(given, StringComparison.Ordinal))
        {
            string above = IsHarmless(given) ? given : $"{Number(StandInKind.Name, given, "input")}{Ending(given)}";
            made = above + Parts(path[given.Length..]);
        }
        else
            made = Parts(path);
        Literal(path, made);
        // Reports shorten a path to its last part, or the last two.
        for (int parts = 1, at = path.Length; parts <= 2 && at > 0; parts++)
        {
            at = path.LastIndexOf('/', at - 1);
            string end = path[(at + 1)..];
            if (!IsHarmless(end) && !end.Split('/', '-', '_', '.').All(w => ordinary(w.ToLowerInvariant()) || HarmlessNames.Has(w)))
                Literal(end, given == path ? made : Parts(end));
        }
        return made;
    }

    private bool IsHarmless(string path) => Array.TrueForAll(path.Split('/'), part => HarmlessNames.Has(part) && Of(part) == part);

    /// <summary>The part of a path below what the user named.</summary>
    private string Parts(string path) => string.Join('/', path.Split('/').Select(part =>
    {
        string of = Of(part);
        return of != part || HarmlessNames.Has(part) ? of : Number(StandInKind.Name, part) + Ending(part);
    }));

    private static string Ending(string name)
    {
        int dot = name.LastIndexOf('.');
        return dot > 0 && HarmlessNames.IsEnding(name[(dot + 1)..]) ? name[dot..] : "";
    }

    private string Host(string name)
    {
        name = name.TrimEnd('.', ',', ';', ':');
        if (name.Length == 0 || MachineIdentities.NameOf(name) is null || NetworkAddress.IsV4(name))
            return NetworkAddress.IsV4(name) ? Number(StandInKind.Ip, name) : name;
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        string host = dot < 0 ? name : name[..dot], stand = Number(StandInKind.Host, host);
        if (IsTelling(host))
        {
            Literal(host, stand);
            // As systemd and the device mapper write a dash in a name.
            Literal(host.Replace("-", "\\x2d", StringComparison.Ordinal), stand);
            Literal(host.Replace("-", "--", StringComparison.Ordinal), stand);
        }
        if (dot < 0)
            return stand;
        string domain = name[(dot + 1)..], whole = $"{stand}.{Number(StandInKind.Domain, domain)}";
        Literal(name, whole);
        if (domain.Contains('.', StringComparison.Ordinal) && domains.Add(domain))
            Literal(domain, Number(StandInKind.Domain, domain));
        return whole;
    }

    /// <summary>Long enough to be found in other texts, and none of the words that our own texts are made of.</summary>
    private bool IsTelling(string host) => host.Length >= MinLearnt && !ordinary(host.ToLowerInvariant());

    private string HostOrAddress(string name) => NetworkAddress.IsV4(name) ? Learn(StandInKind.Ip, name) : Host(name);

    private string UserAt(Match m)
    {
        if (IsPublic(m.Groups[3].Value))
            return m.Value;
        if (SiteNames.Unit(m.Groups[3].Value, this) is { } unit)
            return $"{m.Groups[1].Value}@{unit}";
        string host = m.Groups[2].Success ? m.Groups[2].Value : HostOrAddress(m.Groups[3].Value);
        return $"{Learn(StandInKind.User, m.Groups[1].Value)}@{host}";
    }

    private string Id(string value)
    {
        // systemd writes enx and the MAC as the name of a network interface.
        if (value.StartsWith("enx", StringComparison.OrdinalIgnoreCase))
            return "enx" + Learn(StandInKind.Mac, value[3..]);
        return Learn(StandInKind.Id, value);
    }

    private string Colon(string word)
    {
        if (!NetworkAddress.HasColons(word) || word is "::1")
            return word;
        bool hardware = !word.Contains("::", StringComparison.Ordinal) && word.Split(':') is var fields &&
            (fields.Length == 4 || Array.TrueForAll(fields, f => f.Length == 2));
        return Learn(hardware ? StandInKind.Mac : StandInKind.Ip, word);
    }

    /// <param name="host">The stand-in of a host before it, with its dot; empty: the name of the host is in the other text.</param>
    private string Domain(string host, string name)
    {
        if (host.Length == 0)
            return !name.Contains('.', StringComparison.Ordinal) || IsPublic(name) ? name : Learn(StandInKind.Host, name);
        if (domains.Add(name))
            Literal(name, Number(StandInKind.Domain, name));
        return host + Number(StandInKind.Domain, name);
    }

    private string Parameter(string word) => word.Length == 0 || NamePatterns.MaskedParameter().IsMatch(word) ? word
        : HarmlessParameters.Redacted(word, text => Number(StandInKind.Value, text));

    /// <summary>Where the words of a kernel's command line begin; -1: nowhere.</summary>
    private static int CommandLineAt(string text)
    {
        const string title = "ommand line: ";
        int at = text.IndexOf(title, StringComparison.Ordinal);
        if (at >= 0)
            return at + title.Length;
        return text.StartsWith("BOOT_IMAGE=", StringComparison.Ordinal) ? 0 : -1;
    }

    /// <summary>This host itself, no host, a mask.</summary>
    private static bool IsOwnV4(string word) => word.StartsWith("127.", StringComparison.Ordinal) ||
        word.StartsWith("255.", StringComparison.Ordinal) || word == "0.0.0.0";

    private string Number(StandInKind kind, string value, string? name = null)
    {
        string key = kind switch
        {
            StandInKind.Name or StandInKind.Value => value,
            StandInKind.Mac => value.Replace('-', ':').Replace(":", "", StringComparison.Ordinal).ToLowerInvariant(),
            _ => value.ToLowerInvariant(),
        };
        if (known.TryGetValue((kind, key), out string? stand))
            return stand;
        name ??= kind.ToString().ToLowerInvariant();
        if (known.Count >= MaxValues)
            return $"{name}#0";
        int count = counts.GetValueOrDefault(name) + 1;
        counts[name] = count;
        return known[(kind, key)] = string.Create(CultureInfo.InvariantCulture, $"{name}#{count}");
    }

    /// <summary>Replaces learnt values, the longest at each place; no part of a longer word.</summary>
    private string Literals(string text)
    {
        if (literals.Count == 0 || Learning)
            return text;
        if (search is null)
        {
            search = SearchValues.Create([.. literals.Keys], StringComparison.OrdinalIgnoreCase);
            lengths = [.. literals.Keys.Select(k => k.Length).Distinct().OrderDescending()];
        }
        // Learning on the way makes new ones.
        SearchValues<string> values = search;
        int at = text.AsSpan().IndexOfAny(values);
        if (at < 0)
            return text;
        var made = new StringBuilder(text.Length);
        int done = 0;
        var lookup = literals.GetAlternateLookup<ReadOnlySpan<char>>();
        while (at >= 0)
        {
            int taken = 1;
            foreach (int length in lengths)
            {
                if (at + length > text.Length || !lookup.TryGetValue(text.AsSpan(at, length), out string? stand) ||
                    !IsWhole(text, at, length))
                    continue;
                int start = at;
                // Another host of a known domain.
                if (domains.Contains(text.Substring(at, length)))
                {
                    while (start > done && (char.IsLetterOrDigit(text[start - 1]) || text[start - 1] is '.' or '-' or '_'))
                        start--;
                    // The host has its stand-in already.
                    if (start > 0 && text[start - 1] == '#')
                        start = at;
                    if (start < at)
                        stand = Host(text[start..(at + length)]);
                }
                made.Append(text, done, start - done).Append(stand);
                taken = length;
                done = at + length;
                break;
            }
            int next = at + taken;
            int found = next >= text.Length ? -1 : text.AsSpan(next).IndexOfAny(values);
            at = found < 0 ? -1 : next + found;
        }
        return made.Append(text, done, text.Length - done).ToString();
    }

    private static bool IsWhole(string text, int at, int length)
    {
        int end = at + length;
        // \x2d and the like stand between words.
        bool escape = at >= 4 && text[at - 4] == '\\' && text[at - 3] == 'x';
        return (at == 0 || escape || !char.IsLetterOrDigit(text[at - 1]) || !char.IsLetterOrDigit(text[at])) &&
            (end == text.Length || !char.IsLetterOrDigit(text[end]) || !char.IsLetterOrDigit(text[end - 1]));
    }

    /// <summary>What is left of a value that somebody cut: systemd in the middle of a unit's name, a screen at its edge.</summary>
    private string Cut(string text)
    {
        if (!text.Contains('…', StringComparison.Ordinal) && !text.Contains("...", StringComparison.Ordinal))
            return text;
        text = NamePatterns.CutBefore().Replace(text, m => m.Groups[1].Value + OfPart(m.Groups[2].Value, (v, p) => v.EndsWith(p,
            StringComparison.OrdinalIgnoreCase)));
        return NamePatterns.CutBehind().Replace(text, m => OfPart(m.Groups[1].Value, (v, p) => v.StartsWith(p,
            StringComparison.OrdinalIgnoreCase)) + m.Groups[2].Value);
    }

    private string OfPart(string part, Func<string, string, bool> isPart)
    {
        if (part.Length < MinCut || part.Contains('#', StringComparison.Ordinal))
            return part;
        string plain = part.Replace("\\x2d", "-", StringComparison.Ordinal);
        foreach ((string value, string stand) in literals)
        {
            if (value.Length > plain.Length && isPart(value, plain))
                return stand;
        }
        return plain.Length >= 6 && plain.AsSpan().ContainsAnyInRange('0', '9') && NamePatterns.HexadecimalOnly().IsMatch(plain)
            ? Number(StandInKind.Id, plain) : part;
    }

    /// <summary>Sites that everybody reads: they tell nothing.</summary>
    private static bool IsPublic(string host) => NamePatterns.Public().IsMatch(host);
}
