namespace Kdump.Fleet.Questions;

/// <summary>Crashes of one kind over the fleet.</summary>
/// <param name="Id">Of the cluster: eight digits.</param>
/// <param name="Signature">The commonest of its signatures.</param>
/// <param name="Machines">That it hit.</param>
/// <param name="Fatal">Crashes that stopped the kernel.</param>
/// <param name="FirstSeen">Seconds since 1970; null where nothing dates its crashes.</param>
/// <param name="Example">An input that shows it.</param>
public sealed record ClusterRow(string Id, string Signature, string Title, string Kind, long Machines, long Crashes, long Fatal,
    long? FirstSeen,
    long? LastSeen, string Example)
{
    public IReadOnlyList<string> Releases { get; init; } = [];

    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>Crashes in each of the last weeks of the store, oldest first.</summary>
    public IReadOnlyList<int> Trend { get; init; } = [];

    /// <summary>False: its reports tell neither a function nor a stack. They have one title, and are several bugs most likely.</summary>
    public bool Placed { get; init; } = true;

    /// <summary>Signatures that are in it.</summary>
    public long Signatures { get; init; } = 1;
}
