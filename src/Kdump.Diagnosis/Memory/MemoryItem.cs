namespace Kdump.Diagnosis.Memory;

/// <summary>When a part of the crash kernel's memory is in use.</summary>
public enum MemoryPhase
{
    /// <summary>From the kernel's start to its end.</summary>
    Always,

    /// <summary>While the image is unpacked: packed and unpacked image are in memory together.</summary>
    Unpacking,

    /// <summary>From the first program to the end of the dump.</summary>
    Dumping,
}

/// <summary>One part of what a crash kernel needs.</summary>
/// <param name="Name">What takes it.</param>
/// <param name="Reason">Where the figure is from.</param>
public sealed record MemoryItem(string Name, MemoryPhase Phase, MemoryRange Bytes, string Reason)
{
    /// <summary>The module that could be left out of the image, where the way to the dump does not need it; empty otherwise.</summary>
    public string LeaveOut { get; init; } = "";
}
