namespace Kdump.Diagnosis.Speakers;

/// <summary>Messages that look like problems but are harmless.</summary>
/// <param name="Why">Why it is harmless, and when it would not be.</param>
/// <param name="Origin">Where that is known from: a source file of the kernel, a log of a machine that works.</param>
/// <param name="Wordings">Each a shape (<c>*</c> for what differs).</param>
public sealed record HarmlessMessage(string Why, string Origin, params string[] Wordings);
