using System.Text;
using Kdump.Formats.Bytes;
using Kdump.Sources.Records;

namespace Kdump.Fleet.Scans;

/// <summary>
/// Keeps a fleet's statistics without its names: machines become numbers that are the same in every scan with the same key, and texts that
/// may hold names are left out.
/// </summary>
public sealed class Redaction(string key)
{
    private readonly byte[] secret = Encoding.UTF8.GetBytes(key);

    public Judged Of(Judged judged) => new(
        [.. judged.Inputs.Select(i => i with { Path = Path(i.Path), Reason = i.Reason is null ? null : "(left out)" })],
        [.. judged.Machines.Select(m => m with { Key = Machine(m.Key),
            Traits = [.. m.Traits.Where(t => t.Key != "parameter" || !t.Value.Contains('=', StringComparison.Ordinal) ||
                Plain(t.Value))] })],
        [.. judged.Crashes.Select(c => c with { Machine = Machine(c.Machine), Headline = c.Shape.Title, OutcomeReason = c.OutcomeId,
            Evidence = "" })]);

    /// <summary>What stands in the store for the path of an input.</summary>
    public string Path(string path) => "#" + Number(path);

    private string Machine(string name) => name.StartsWith('?') ? name : "m-" + Number(name);

    /// <summary>A value of letters and digits alone may be a name; of digits and units it is none.</summary>
    private static bool Plain(string word) => !word[(word.IndexOf('=', StringComparison.Ordinal) + 1)..].AsSpan().ContainsAny('.', ':',
        '/');

    /// <summary>Without the key, names cannot be found by trying.</summary>
    private string Number(string text) => Convert.ToHexStringLower(
        Hmac.Of(secret, Encoding.UTF8.GetBytes(text), bytes => Sha256.Of(bytes)).AsSpan(0, 6));
}
