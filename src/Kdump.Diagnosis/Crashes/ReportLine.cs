namespace Kdump.Diagnosis.Crashes;

/// <summary>One line of a crash report, without its transport's prefix.</summary>
/// <param name="Guess">The line is a frame that the unwinder could not confirm: shown, never judged.</param>
internal readonly record struct ReportLine(long Number, string Text, bool Guess);
