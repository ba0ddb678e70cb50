using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Memory;

/// <summary>
/// The exception for memory that a dump does not contain, and the damage of a record that was skipped because of it; both contain the
/// state of the memory.
/// </summary>
public static class MissingMemory
{
    public static InputException At(string input, string field, VirtualAddress address, MemoryState state) =>
        new(input, field, -1, $"address {address} {state.Words()}", new MissingMemoryException(state));

    /// <summary>The state of the missing memory that caused an exception; null if it has another cause.</summary>
    public static MemoryState? Of(InputException e) => (e.InnerException as MissingMemoryException)?.State;

    /// <summary>The state of the missing memory because of which a record was skipped; null if there was another reason.</summary>
    public static MemoryState? Of(Damage damage) => damage.Error is { } e ? Of(e) : null;

    /// <summary>The inner exception of an exception about missing memory.</summary>
    private sealed class MissingMemoryException(MemoryState state) : Exception(state.Words())
    {
        public MemoryState State { get; } = state;
    }
}
