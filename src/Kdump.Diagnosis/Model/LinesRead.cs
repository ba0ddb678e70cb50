namespace Kdump.Diagnosis.Model;

/// <summary>What was read of one text; printed with a verdict that finds nothing.</summary>
public sealed record LinesRead(Source Source, long Lines, int Boots) : Fact(Source)
{
    /// <summary>Number of the last line that is not blank, from 1.</summary>
    public long LastFilled { get; init; }
}

/// <summary>How many lines a text has, whoever spoke in it.</summary>
public sealed record TextLength(Source Source, long Lines) : Fact(Source);
