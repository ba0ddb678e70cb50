namespace Kdump.Sources.Hosts;

/// <summary>Something that a crash left on a machine, or may have left.</summary>
/// <param name="Kind">What it is, for a person: <c>dump</c>, <c>pstore</c>, <c>journal of the last boot</c>.</param>
/// <param name="Place">A path that can be read, or the command whose output <paramref name="Text"/> is.</param>
/// <param name="Time">Seconds since 1970; 0 when unknown.</param>
/// <param name="Text">What it says, where it is no file.</param>
public sealed record CrashTrace(string Kind, string Place, long Time, byte[]? Text = null);

/// <summary>The newest crash of a machine.</summary>
/// <param name="Taken">What belongs to it, newest first; empty where nothing was found.</param>
/// <param name="Left">What else is there, with the reason.</param>
/// <param name="Looked">Where was looked, and what was there.</param>
public sealed record NewestCrash(IReadOnlyList<CrashTrace> Taken, IReadOnlyList<string> Left, IReadOnlyList<string> Looked);
