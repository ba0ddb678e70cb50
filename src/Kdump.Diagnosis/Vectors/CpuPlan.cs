namespace Kdump.Diagnosis.Vectors;

/// <summary>
/// How many CPUs give the capture kernel enough vectors. All interrupts fit iff fixed + N * perCpu &lt;= N * capacity: fixed ones are
/// requested whatever N is, a queue set costs one vector on every CPU (kernel/irq/matrix.c).
/// </summary>
public static class CpuPlan
{
    /// <summary>Share of the capacity that stays free for drivers that are not known yet.</summary>
    public const double Margin = 0.1;

    /// <summary>Above this number of CPUs the memory of a capture kernel must be computed first.</summary>
    public const int MaxCpus = 32;

    /// <summary>True if all interrupts find a vector as the allocator would place them, without any margin.</summary>
    public static bool Fits(int fixedOnes, int perCpu, int cpus, int capacity) =>
        fixedOnes + ((long)cpus * perCpu) <= (long)cpus * capacity;

    /// <param name="total">Vectors needed with one CPU: used ones and those that were refused.</param>
    /// <param name="perCpu">How many of them are queues, needed once per CPU.</param>
    /// <returns>The smallest fitting number of CPUs, or null when none up to <see cref="MaxCpus"/> fits.</returns>
    public static int? Smallest(int total, int perCpu, int capacity)
    {
        int fixedOnes = Math.Max(0, total - perCpu);
        for (int n = 1; n <= MaxCpus; n++)
        {
            if (fixedOnes + (n * perCpu) <= n * capacity * (1 - Margin))
                return n;
        }
        return null;
    }
}
