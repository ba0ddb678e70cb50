namespace Kdump.Diagnosis.Evidence.DumpSetup;

/// <summary>What comes of a fault in a configuration of the dump tools.</summary>
public enum ConfEffect
{
    /// <summary>The setting has no effect, or another one than written.</summary>
    Ignored,

    /// <summary>The service reads the file, refuses it and loads no crash kernel.</summary>
    Refused,

    /// <summary>The crash kernel is loaded, but fails later because of it.</summary>
    Fails,

    /// <summary>It works under some conditions only.</summary>
    Doubtful,
}

/// <summary>Something the dump tools will refuse, ignore or read otherwise than written.</summary>
public sealed record KdumpConfProblem(Source Source, string Problem) : Fact(Source)
{
    public ConfEffect Effect { get; init; }

    /// <summary>The problem is in the machine's own file, not in the copy in an image.</summary>
    public bool OfMachine { get; init; }

    /// <summary>The path of the file on the machine, where <see cref="Source.Input"/> may name a copy of it; empty if not known.</summary>
    public string File { get; init; } = "";

    /// <summary>What mends it, where that is no change of the file; empty otherwise.</summary>
    public string Command { get; init; } = "";

    /// <summary>The correct setting, as a sentence; empty if not known.</summary>
    public string Correction { get; init; } = "";
}
