namespace Kdump.Fleet.Scans;

/// <summary>Judges one unit after the other. Not for several threads at once.</summary>
public interface IJudge : IDisposable
{
    /// <summary>A line of <see cref="Kdump.Sources.Records.JudgedJson"/>.</summary>
    /// <exception cref="JudgeException">It died of the unit, or took too long; another judge is needed, this one is done.</exception>
    string Judge(string[] unit);
}

/// <summary>A unit ended the process that judged it.</summary>
public sealed class JudgeException(string message) : Exception(message);
