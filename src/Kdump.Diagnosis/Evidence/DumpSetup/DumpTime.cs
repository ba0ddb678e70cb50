namespace Kdump.Diagnosis.Evidence.DumpSetup;

/// <summary>How long a dump taken now would take, from the panic to its last byte, as a range; and what that rests on.</summary>
/// <param name="Assumed">In words: what is kept, how it is packed, how fast the target's kind writes.</param>
public sealed record DumpTime(Source Source, int LowSeconds, int HighSeconds, string Assumed) : Fact(Source)
{
    /// <summary>The geometric mean of both ends, because the rates behind them differ tenfold.</summary>
    public double LikelySeconds => Math.Sqrt((double)LowSeconds * HighSeconds);
}

/// <summary>Something ends the crash kernel's work after so many seconds, whether or not the dump is written.</summary>
/// <param name="What">A unit and its setting: <c>TimeoutStartSec= of kdump-capture.service</c>.</param>
/// <param name="Path">The file that sets it.</param>
/// <param name="InImage">It stands in the image; otherwise in the machine's root, which the crash kernel boots.</param>
public sealed record DumpDeadline(Source Source, string What, string Path, int Seconds, bool InImage) : Fact(Source);
