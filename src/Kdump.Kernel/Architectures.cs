using Kdump.Kernel.Arch;
using Kdump.Kernel.Arch.Arm64;
using Kdump.Kernel.Arch.X8664;

namespace Kdump.Kernel;

/// <summary>The architectures whose kernels can be read.</summary>
public static class Architectures
{
    public static readonly Architecture[] All = [new X8664Architecture(), new Arm64Architecture()];

    /// <summary>Null for a machine whose kernels cannot be read.</summary>
    /// <param name="machine">As the dump's header has it; null or empty where it does not say, which is taken for the first.</param>
    public static Architecture? Of(string? machine) =>
        string.IsNullOrEmpty(machine) ? All[0] : Array.Find(All, a => a.Machine == machine);
}
