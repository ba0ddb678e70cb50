namespace Kdump.Sources.Records;

/// <summary>What became of the dump of a crash; of two tellings of one crash the greater counts.</summary>
public enum DumpOutcome
{
    /// <summary>The input ends before the outcome, or does not contain it.</summary>
    NotTold,

    Lost,

    /// <summary>A dump that its writer did not finish, or of which pages are missing.</summary>
    Incomplete,

    Saved,
}
