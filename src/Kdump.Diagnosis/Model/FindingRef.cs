namespace Kdump.Diagnosis.Model;

/// <summary>The name of one finding of a verdict: its id, and its subject if one id can occur several times.</summary>
public readonly record struct FindingRef(string Id, string? Subject)
{
    /// <summary>Reads <c>id</c> or <c>id:subject</c>. Ids contain no colon.</summary>
    public static FindingRef Parse(string key) =>
        key.IndexOf(':') is >= 0 and var colon ? new(key[..colon], key[(colon + 1)..]) : new(key, null);

    /// <summary>An id alone names every finding of that id.</summary>
    public static implicit operator FindingRef(string key) => Parse(key);

    public override string ToString() => Subject is null ? Id : $"{Id}:{Subject}";
}
