namespace Kdump.Diagnosis.Vectors;

/// <summary>What a driver does when it does not get the vectors that it requests.</summary>
public enum Fallback
{
    /// <summary>The driver's probe fails.</summary>
    GivesUp,

    /// <summary>One vector for everything, and when that is refused, the pin.</summary>
    OneThenPin,

    /// <summary>Two vectors, then the pin (virtio).</summary>
    TwoThenPin,

    /// <summary>The pin.</summary>
    Pin,

    /// <summary>One vector that all queues share; without it the probe fails.</summary>
    One,

    /// <summary>Port services: the port works without them.</summary>
    Degrades,
}

/// <summary>How many vectors a driver asks for: a row of <see cref="DriverDemands"/>.</summary>
/// <param name="Module">The module that asks.</param>
/// <param name="Fixed">Vectors that it asks for whatever the number of CPUs.</param>
/// <param name="Source">Kernel file and function that were read.</param>
public sealed record DriverDemand(string Module, int Fixed, string Source)
{
    /// <summary>One queue interrupt more per CPU.</summary>
    public bool PerCpu { get; init; }

    /// <summary>Queue interrupts that the driver never exceeds.</summary>
    public int MaxQueues { get; init; } = int.MaxValue;

    /// <summary>For a device that was not seen: queues that are certain, because kernels differ.</summary>
    public int LeastQueues { get; init; } = int.MaxValue;

    /// <summary>The number of queues is rounded down to a power of two.</summary>
    public bool PowersOfTwo { get; init; }

    /// <summary>Queues in a crash kernel (is_kdump_kernel); -1 for no difference.</summary>
    public int CrashQueues { get; init; } = -1;

    /// <summary>Queues with reset_devices; -1 for no difference.</summary>
    public int ResetQueues { get; init; } = -1;

    /// <summary>
    /// Receive and transmit queues have a vector each while no more than half of the device's queues are used; above that they share one.
    /// </summary>
    public bool SplitsQueues { get; init; }

    /// <summary>Queue interrupts are managed: the set takes one vector on every possible CPU.</summary>
    public bool Managed { get; init; }

    /// <summary>Queues follow the possible CPUs (num_possible_cpus, nr_cpu_ids), not those that run.</summary>
    public bool CountsPossible { get; init; }

    /// <summary>Asked for when the interface is brought up, not when the driver probes.</summary>
    public bool WhenUp { get; init; }

    /// <summary>For a driver that asks when the interface comes up: vectors that it takes already at its probe.</summary>
    public int AtProbe { get; init; }

    /// <summary>The number does not depend on CPUs but on the device: what it has now is what it will have.</summary>
    public bool AsNow { get; init; }

    /// <summary>Vectors beyond the likely ones that firmware or options may add.</summary>
    public int Extra { get; init; }

    /// <summary>Memory of one queue, in bytes: rings and buffers.</summary>
    public int QueueBytes { get; init; }

    public Fallback Fallback { get; init; }

    public Certainty Certainty { get; init; }

    /// <summary>What a reader should know besides the numbers.</summary>
    public string Note { get; init; } = "";
}
