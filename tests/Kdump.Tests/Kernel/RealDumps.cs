namespace Kdump.Tests.Kernel;

/// <summary>
/// Dumps of real kernels, where the lab has made them: KDUMP_DUMPS names a folder of NAME.elf or NAME.d31, each with what other tools say
/// of it beside it: NAME.dmesg (makedumpfile --dump-dmesg), NAME.map (System.map or nm of its vmlinux).
/// </summary>
internal static class RealDumps
{
    public const string Variable = "KDUMP_DUMPS";

    public static IEnumerable<string> All() =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder && Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder)
                .Where(f => f.EndsWith(".elf", StringComparison.Ordinal) || f.EndsWith(".d31", StringComparison.Ordinal)).Order() : [];

    /// <summary>Dumps that have an answer beside them.</summary>
    public static IEnumerable<(string Dump, string Answer)> With(string extension) =>
        All().Select(d => (d, Path.ChangeExtension(d, extension))).Where(p => File.Exists(p.Item2));
}

/// <summary>A test that needs dumps of real kernels, and says so when there are none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RealDumpFactAttribute : FactAttribute
{
    public RealDumpFactAttribute()
    {
        if (!RealDumps.All().Any())
            Skip = $"needs dumps of real kernels: {RealDumps.Variable}=FOLDER with NAME.elf or NAME.d31 (the lab makes them)";
    }
}
