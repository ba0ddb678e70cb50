namespace Kdump.Sources.Records;

/// <summary>The result of saving the dump of a crash; if two inputs report one crash, the greater value counts.</summary>
public enum DumpOutcome
{
    /// <summary>The input ends before the outcome, or does not contain it.</summary>
    NotTold,

    Lost,

    /// <summary>The dump was not finished by its writer, or lacks pages.</summary>
    Incomplete,

    Saved,
}
