using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;

namespace Kdump.Kernel.Views;

/// <summary>Which memory of a .NET process a dump level keeps; checked before the dump is searched.</summary>
public static class ManagedLevel
{
    private const int Cache = 2 | 4, User = 8;

    /// <exception cref="InputException">The dump level excludes all memory of programs.</exception>
    public static void Check(Dump dump)
    {
        if (dump.Info.DumpLevel is { } level && (level & User) != 0)
            throw new InputException(dump.Name, "dump level", -1,
                $"{level} leaves out the pages of programs: there is nothing of .NET in this dump. " +
                "makedumpfile -d 17 (or 1, 16, 0) keeps them");
    }

    /// <summary>
    /// A warning for the dump level, or null. The runtime's code and its own heaps are in shared memory (memfd:doublemapper), which
    /// makedumpfile treats as page cache, unless DOTNET_EnableWriteXorExecute was 0.
    /// </summary>
    public static string? Doubt(Dump dump) => dump.Info.DumpLevel is { } level && (level & Cache) != 0
        ? $"dump level {level} leaves out the page cache, and with it the runtime's own heaps " +
            "(unless DOTNET_EnableWriteXorExecute=0 was set): stacks and heap may be missing. makedumpfile -d 17 keeps them" : null;
}
