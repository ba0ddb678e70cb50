namespace Kdump.Diagnosis.Model;

/// <summary>One way out. <paramref name="Command"/> can be typed as it stands; <paramref name="Risk"/> says what it may cost.</summary>
public sealed record Fix(string Text, string? Command = null, string? Risk = null);
