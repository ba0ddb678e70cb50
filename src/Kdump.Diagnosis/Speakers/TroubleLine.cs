namespace Kdump.Diagnosis.Speakers;

/// <summary>Lines in which one driver or program reports problems with one device in one boot.</summary>
/// <param name="Source">The most important of them: the first with the heaviest words.</param>
public sealed record TroubleLines(Source Source, Speaker Speaker) : Fact(Source)
{
    public required Gravity Gravity { get; init; }

    /// <summary>Groups of <see cref="TroubleWords"/>, all of them together.</summary>
    public required ulong Words { get; init; }

    public required long Count { get; init; }

    /// <summary>The most telling first; no two with the same wording.</summary>
    public required IReadOnlyList<Source> Lines { get; init; }

    /// <summary>Numbers of all lines that are known, at most <see cref="SpeakerLines.MaxNumbers"/>.</summary>
    public required IReadOnlyList<long> Numbers { get; init; }

    public double? First { get; init; }

    public double? Last { get; init; }

    /// <summary>Number of input lines after the last of them: lines near the end of a log show what ended it.</summary>
    public required long ToEnd { get; init; }

    /// <summary>Number of input lines so far: among few lines each one counts, because a person selected them.</summary>
    public long Among { get; init; }

    /// <summary>The carrier gives a priority of error or worse.</summary>
    public required bool Priority { get; init; }

    /// <summary>Only words that this kind of speaker also uses for minor things: they count where nothing else was reported.</summary>
    public bool Faint { get; init; }

    /// <summary>
    /// Words that a program prints all the time about what is missing or not supported: they count among few lines only.
    /// </summary>
    public bool Passing => Faint && Gravity == Gravity.Weak;

    /// <summary>Words too weak for this speaker to count in a log: kept where the text is only a piece that somebody selected.</summary>
    public bool Slight { get; init; }

    /// <summary>PCI address of the device, where some line names both.</summary>
    public PciAddress? Bdf { get; init; }
}

/// <summary>A message that looks like a problem but is harmless, with the table's explanation.</summary>
public sealed record HarmlessLines(Source Source, HarmlessMessage Message, long Count) : Fact(Source);
