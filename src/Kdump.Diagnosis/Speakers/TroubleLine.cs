namespace Kdump.Diagnosis.Speakers;

/// <summary>Lines in which one speaker tells of trouble with one device in one life of a kernel.</summary>
/// <param name="Source">The most telling of them: the heaviest words, of those the first.</param>
public sealed record TroubleLines(Source Source, Speaker Speaker) : Fact(Source)
{
    public required Gravity Gravity { get; init; }

    /// <summary>Groups of <see cref="TroubleWords"/>, all of them together.</summary>
    public required ulong Words { get; init; }

    public required long Count { get; init; }

    /// <summary>The most telling first, each of another wording.</summary>
    public required IReadOnlyList<Source> Lines { get; init; }

    /// <summary>Numbers of all lines that are known, at most <see cref="SpeakerLines.MaxNumbers"/>.</summary>
    public required IReadOnlyList<long> Numbers { get; init; }

    public double? First { get; init; }

    public double? Last { get; init; }

    /// <summary>Lines of the input behind the last of them: near the end of a log stands what ended it.</summary>
    public required long ToEnd { get; init; }

    /// <summary>The carrier gives a priority of error or worse.</summary>
    public required bool Priority { get; init; }

    /// <summary>Words that this kind of speaker uses for small things, too: they count where nothing else was said.</summary>
    public bool Faint { get; init; }

    /// <summary>The device on the bus, where some line joined the two.</summary>
    public PciAddress? Bdf { get; init; }
}

/// <summary>A message that sounds like trouble and is none, and the table's words for it.</summary>
public sealed record HarmlessLines(Source Source, HarmlessMessage Message, long Count) : Fact(Source);
