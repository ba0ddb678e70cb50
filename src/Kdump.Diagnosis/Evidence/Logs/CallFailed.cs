namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>A trace of calls shows where an error arose.</summary>
/// <param name="Function">The deepest function that failed.</param>
/// <param name="Path">Its callers, outermost first, joined by <c> -> </c>.</param>
/// <param name="ReturnValue">What it returned, where the trace prints it (funcgraph-retval).</param>
public sealed record CallFailed(Source Source, string Function, string Path, long? ReturnValue) : Fact(Source)
{
    /// <summary>Why this call is named: return values prove it, the shape of a trace without them only suggests it.</summary>
    public string Reasoning { get; init; } = "";

    /// <summary>The failed call belongs to the x86 vector allocator (kernel/irq/matrix.c, arch/x86/kernel/apic/vector.c).</summary>
    public bool RunsOutOfVectors =>
        Function.StartsWith("irq_matrix_alloc", StringComparison.Ordinal) ||
            Function.StartsWith("assign_vector_locked", StringComparison.Ordinal) ||
        Function.StartsWith("assign_irq_vector", StringComparison.Ordinal) ||
            Function.StartsWith("assign_managed_vector", StringComparison.Ordinal) ||
        Function.StartsWith("matrix_find_best_cpu", StringComparison.Ordinal) ||
            Function.StartsWith("matrix_alloc_area", StringComparison.Ordinal);
}
