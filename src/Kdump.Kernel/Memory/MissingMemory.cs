using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Memory;

/// <summary>Memory that a dump does not have, as the exception and the lost record that it costs: the state goes with them.</summary>
public static class MissingMemory
{
    public static InputException At(string input, string field, VirtualAddress address, MemoryState state) =>
        new(input, field, -1, $"address {address} {state.Words()}", new MissingMemoryException(state));

    /// <summary>The state of the memory that an exception is about; null where it is about something else.</summary>
    public static MemoryState? Of(InputException e) => (e.InnerException as MissingMemoryException)?.State;

    /// <summary>The state of the memory for lack of which a record was lost; null where that is not the reason.</summary>
    public static MemoryState? Of(Damage damage) => damage.Error is { } e ? Of(e) : null;

    /// <summary>The inner exception of one about missing memory.</summary>
    private sealed class MissingMemoryException(MemoryState state) : Exception(state.Words())
    {
        public MemoryState State { get; } = state;
    }
}
