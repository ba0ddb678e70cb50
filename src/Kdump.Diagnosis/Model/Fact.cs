namespace Kdump.Diagnosis.Model;

/// <summary>One piece of information from an input, without judgement; defined in the file of the parser that yields it.</summary>
public abstract record Fact(Source Source)
{
    /// <summary>The kernel's life it belongs to; set by <see cref="Facts.Add"/>.</summary>
    public Boot? Boot { get; internal set; }

    /// <summary>
    /// Not the listing of all members that records have: that needs names of enums at run time, which the probe does not carry.
    /// </summary>
    public sealed override string ToString() => $"{Source.Place}: {Source.Text}";

    /// <summary>True unless it is known to be from a kernel other than the capture kernel.</summary>
    public bool MayBeCapture => Boot?.Capture != false;
}
