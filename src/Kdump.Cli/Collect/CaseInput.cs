namespace Kdump.Cli.Collect;

/// <summary>One input of a case: what it was recognised as, and a note where it could not be used.</summary>
/// <param name="Kind">From its content: <c>kernel log</c>, <c>/proc/interrupts</c>, <c>vmcore</c>, <c>unknown</c> …</param>
public sealed record CaseInput(string Path, string Kind, string? Note = null, bool Unreadable = false);
