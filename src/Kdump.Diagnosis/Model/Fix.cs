namespace Kdump.Diagnosis.Model;

/// <summary>One possible fix. <paramref name="Command"/> can be typed unchanged; <paramref name="Risk"/> names its disadvantage.</summary>
public sealed record Fix(string Text, string? Command = null, string? Risk = null)
{
    /// <summary>The tools of the machines that the fix is for; <see cref="KdumpTools.None"/>: all machines.</summary>
    public KdumpTools For { get; init; }

    /// <summary>The file and the setting in it, where they differ by distribution and the text does not name them.</summary>
    public string? Place { get; init; }

    /// <summary>
    /// Where <see cref="Text"/> names this distribution's setting instead of the usual one: the sentence as the rule has it, which can be
    /// translated, and the setting.
    /// </summary>
    public (string Text, string Setting)? Usual { get; init; }

    /// <summary>The command that undoes it; null if there is nothing to undo.</summary>
    public string? Undo { get; init; }
}
