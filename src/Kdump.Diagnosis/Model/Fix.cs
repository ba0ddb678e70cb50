namespace Kdump.Diagnosis.Model;

/// <summary>One way out. <paramref name="Command"/> can be typed as it stands; <paramref name="Risk"/> says what it may cost.</summary>
public sealed record Fix(string Text, string? Command = null, string? Risk = null)
{
    /// <summary>Whose machines it is for; <see cref="KdumpTools.None"/>: everybody's.</summary>
    public KdumpTools For { get; init; }

    /// <summary>What takes it back, to be typed as it stands; null where there is nothing to take back.</summary>
    public string? Undo { get; init; }
}
