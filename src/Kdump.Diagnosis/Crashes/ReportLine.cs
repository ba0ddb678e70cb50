namespace Kdump.Diagnosis.Crashes;

/// <summary>One line of a crash report, without its transport's prefix.</summary>
/// <param name="Guess">The line is a frame that the unwinder could not confirm: shown, never judged.</param>
internal readonly record struct ReportLine(long Number, string Text, bool Guess)
{
    /// <summary>
    /// Somebody typed the stack, or a tracker took its numbers away: below its heading stand the names alone, each on a line.
    /// </summary>
    public bool Bare { get; init; }

    public bool TryFrame(out StackFrame frame, out StackFrame? second)
    {
        second = null;
        if (!Bare)
            return FrameLine.TryParse(Text, out frame, out second);
        frame = new(Text.Trim(), -1, -1, null, Reliable: true);
        return true;
    }
}
