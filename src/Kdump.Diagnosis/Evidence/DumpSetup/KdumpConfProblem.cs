namespace Kdump.Diagnosis.Evidence.DumpSetup;

/// <summary>What comes of a fault in a configuration of the dump tools.</summary>
public enum ConfEffect
{
    /// <summary>The setting has no effect, or another one than written.</summary>
    Ignored,

    /// <summary>The service reads the file, refuses it and loads no crash kernel.</summary>
    Refused,

    /// <summary>The crash kernel is loaded, and what it then does fails.</summary>
    Fails,

    /// <summary>It works under some conditions only.</summary>
    Doubtful,
}

/// <summary>Something the dump tools will refuse, ignore or read otherwise than written.</summary>
public sealed record KdumpConfProblem(Source Source, string Problem) : Fact(Source)
{
    public ConfEffect Effect { get; init; }

    /// <summary>It stands in the machine's own file, not in the copy that an image holds.</summary>
    public bool OfMachine { get; init; }

    /// <summary>What should stand there instead, as a sentence; empty when that cannot be told.</summary>
    public string Correction { get; init; } = "";
}
