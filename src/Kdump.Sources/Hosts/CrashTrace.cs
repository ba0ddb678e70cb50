namespace Kdump.Sources.Hosts;

/// <summary>A trace of a crash on a machine, or a possible one.</summary>
/// <param name="Kind">What it is, for a person: <c>dump</c>, <c>pstore</c>, <c>journal of the last boot</c>.</param>
/// <param name="Place">A path that can be read, or the command whose output <paramref name="Text"/> is.</param>
/// <param name="Time">Seconds since 1970; 0 when unknown.</param>
/// <param name="Text">Its content, if it is not a file.</param>
public sealed record CrashTrace(string Kind, string Place, long Time, byte[]? Text = null);

/// <summary>The newest crash of a machine.</summary>
/// <param name="Taken">The traces of this crash, newest first; empty if nothing was found.</param>
/// <param name="Left">Traces that were not used, with the reason.</param>
/// <param name="Looked">The places that were searched, and what was there.</param>
public sealed record NewestCrash(IReadOnlyList<CrashTrace> Taken, IReadOnlyList<string> Left, IReadOnlyList<string> Looked);
