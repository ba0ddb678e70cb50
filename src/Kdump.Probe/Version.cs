using System.Reflection;

namespace Kdump.Probe;

internal static class Version
{
    /// <summary>Version and commit, as the build wrote them.</summary>
    public static string Full => typeof(Version).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";

    public static string Number => "0.1.0";
}
