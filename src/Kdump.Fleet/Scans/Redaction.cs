using System.Text;
using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Rules;
using Kdump.Diagnosis.Text;
using Kdump.Formats.Bytes;
using Kdump.Sources.Records;

namespace Kdump.Fleet.Scans;

/// <summary>
/// Keeps a fleet's statistics without its names. Only what is known to be harmless is kept as it is: words that this program knows,
/// numbers, products, functions and modules of the kernel. Of anything else a number is kept that is made with the key: the same in every
/// scan with this key, and found by nobody who has not got it.
/// </summary>
public sealed class Redaction
{
    /// <summary>A shorter key is found by trying.</summary>
    private const int MinKey = 8;

    /// <summary>What stands in place of a reason that may tell names.</summary>
    private const string LeftOut = "the reason may tell names and is left out: kdt explain of the file says it";

    private readonly byte[] secret;

    /// <exception cref="InputException">The key is too short.</exception>
    public Redaction(string key)
    {
        if (key.Trim().Length < MinKey)
            throw new InputException("--redact", "key", -1, "is too short: names would be found by trying keys; " +
                $"take at least {MinKey} characters that cannot be guessed, and keep them: head -c 16 /dev/urandom | base64");
        secret = Encoding.UTF8.GetBytes(key);
        Check = "key " + Number("kdt fleet: the key of a store");
    }

    /// <summary>A store recognises the key by this value.</summary>
    public string Check { get; }

    public Judged Of(Judged judged)
    {
        string[] hosts = [.. judged.Machines.Where(m => m.Named).SelectMany(m => (string[])[m.Key, m.Key.Split('.')[0]])];
        return new([.. judged.Inputs.Select(Of)],
            [.. judged.Machines.Select(m => Of(m, hosts))],
            [.. judged.Crashes.Select(Of)]);
    }

    /// <summary>What stands in the store for the path of an input.</summary>
    public string Path(string path) => "#" + Number(path);

    /// <summary>And for a machine: its host's number and, where its domain is told, that of the whole name.</summary>
    public string Machine(string name)
    {
        if (name.StartsWith('?'))
            return "?" + Number(name);
        if (name.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot)
            return $"m-{Number(name[..dot])}.{Number(name)}";
        return "m-" + Number(name);
    }

    /// <summary>For a size or a time by which a file would be known again.</summary>
    public long Stamp(long number) =>
        (long)(Convert.ToUInt64(Number(number.ToString(System.Globalization.CultureInfo.InvariantCulture)), 16) >> 1);

    /// <summary>A reason without what differs from input to input; a fixed sentence for one that is not known.</summary>
    public static string Reason(string reason) => RefusalReasons.Has(reason) ? reason : LeftOut;

    private InputRecord Of(InputRecord i) => i with { Path = Path(i.Path), Hash = Number(i.Hash), Bytes = Stamp(i.Bytes),
        Modified = Stamp(i.Modified), Reason = i.Reason is null ? null : Reason(i.Reason) };

    private MachineRecord Of(MachineRecord m, string[] hosts)
    {
        KeyValuePair<string, string>[] traits = [.. m.Traits.Select(t => new KeyValuePair<string, string>(t.Key, t.Key switch
        {
            "parameter" => HarmlessParameters.Redacted(t.Value, Mark),
            "release" => RedactedRelease.Of(t.Value, Mark),
            IdentityTraits.Machine or IdentityTraits.Serial or IdentityTraits.Boot => Mark(t.Value),
            _ => Product(t.Value, hosts),
        })).Distinct()];
        return m with { Key = Machine(m.Key), Source = m.Source is null ? null : Number(m.Source), Traits = traits, Model = m.Model is null
            ? null : Product(m.Model, hosts),
            Releases = [.. m.Releases.Select(r => RedactedRelease.Of(r, Mark)).Distinct(StringComparer.Ordinal)] };
    }

    private CrashRecord Of(CrashRecord c)
    {
        CrashShape shape = Of(c.Shape);
        string machine = Machine(c.Machine);
        string? happened = c.Event is null ? null : Number(c.Event);
        return c with { Id = happened is null ? Number(c.Id) : CrashRecord.IdOf(machine, happened), Machine = machine, Event = happened,
            Marks = [.. c.Marks.Select(m => m with { Name = CrashMark.Renamed(m.Name, Number) })],
            Others = [.. c.Others.Select(o => CrashMark.Renamed(o, Number))], Profile = CrashProfile.Redacted(c.Profile, Number),
            Hardware = [.. c.Hardware.Select(h => InvolvedParts.Redacted(h, Mark))], Shape = shape, Headline = shape.Title, Evidence = "",
            Release = c.Release is null ? null : RedactedRelease.Of(c.Release, Mark), Fix = FixesOf(c.Causes).FirstOrDefault(),
            Fixes = [.. FixesOf(c.Causes).Distinct(StringComparer.Ordinal).Take(8)],
            OutcomeReason = c.OutcomeReason is { } why && RefusalReasons.Has(why) ? why : c.OutcomeId,
            OutcomeFix = c.OutcomeId is null ? null : FixesOf([c.OutcomeId]).FirstOrDefault() };
    }

    /// <summary>The catalogue's words: those of the record are filled in with what stood in the log.</summary>
    private static IEnumerable<string> FixesOf(IReadOnlyList<string> causes) => causes.Select(Entries.Find)
        .SelectMany(e => e?.Fixes ?? []).Select(f => f.Text.Replace("{", "", StringComparison.Ordinal)
            .Replace("}", "", StringComparison.Ordinal));

    private CrashShape Of(CrashShape shape)
    {
        // A finding of the catalogue: its title, too.
        if (shape.Kind == "finding")
            return shape;
        HashSet<string> code = [.. shape.Stack.Append(shape.Module ?? "")];
        string? function = shape.Function is null || code.Contains(shape.Function) || shape.Function.Contains('_') ? shape.Function
            : Mark(shape.Function);
        code.UnionWith([.. TitleWords.Of(string.Join(' ', code)), function ?? ""]);
        string title = Title(shape.Title, code);
        string signature = function is null ? shape.Signature.Replace(shape.Title, title, StringComparison.Ordinal)
            : shape.Signature.Replace(shape.Function!, function, StringComparison.Ordinal);
        return shape with { Title = title, Function = function, Signature = signature, Class = Title(shape.Class, code),
            AltTitles = [.. shape.AltTitles.Select(t => Title(t, code))] };
    }

    private string Title(string title, HashSet<string> code) => WordByWord.Of(title, "_.", word =>
        code.Contains(word) || TitleWords.Of(word).All(w => TitleWords.Has(w) || code.Contains(w)) ? word : Mark(word));

    /// <summary>What is sold is no secret: a model, a firmware, a card, a module. The machine's own name in it is.</summary>
    private string Product(string value, string[] hosts) => value.AsSpan().ContainsAny("@\\") ||
        value.Contains("://", StringComparison.Ordinal) || TellsAddress(value) ||
        hosts.Any(h => h.Length > 5 ? value.Contains(h, StringComparison.OrdinalIgnoreCase)
            : value.Split([' ', '/', ',', '(', ')', ':', '=']).Contains(h, StringComparer.OrdinalIgnoreCase)) ? Mark(value) : value;

    /// <summary>An address, or a name with its domain; a version ends in a number.</summary>
    private static bool TellsAddress(string value)
    {
        foreach (string word in value.Split([' ', ',', '(', ')', '[', ']', '='], StringSplitOptions.RemoveEmptyEntries))
        {
            string[] dotted = word.Split('.');
            if (NetworkAddress.Is(word) || (dotted.Length > 1 && dotted[^1].Length > 1 && dotted[0].Length > 1 &&
                !dotted[^1].AsSpan().ContainsAnyExceptInRange('a', 'z')))
                return true;
        }
        return false;
    }

    private string Mark(string text) => "#" + Number(text)[..12];

    private string Number(string text) => Convert.ToHexStringLower(
        Hmac.Of(secret, Encoding.UTF8.GetBytes(text), bytes => Sha256.Of(bytes)).AsSpan(0, 8));
}
