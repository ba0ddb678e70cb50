namespace Kdump.Sources.Cases;

/// <summary>One input of a case: what it was recognised as, and a note where it could not be used.</summary>
/// <param name="Kind">From its content: <c>kernel log</c>, <c>/proc/interrupts</c>, <c>vmcore</c>, <c>text</c> …</param>
/// <param name="Unreadable">It could not be opened or read.</param>
/// <param name="Unknown">It was looked at, and it is nothing that is read here.</param>
public sealed record CaseInput(string Path, string Kind, string? Note = null, bool Unreadable = false, bool Unknown = false)
{
    /// <summary>It can have given facts.</summary>
    public bool Used => !Unreadable && !Unknown && Kind is not ("empty" or "folder");
}
