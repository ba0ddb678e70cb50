using System.Reflection;

namespace Kdump.Cli.Terminals;

/// <summary>Name and version of this program.</summary>
internal static class ProgramVersion
{
    /// <summary>Version, commit and framework.</summary>
    internal static string Line()
    {
        string version = typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
            ?? "unknown";
        int plus = version.IndexOf('+');
        string commit = plus < 0 ? "unknown commit" : version[(plus + 1)..];
        return $"kdt {(plus < 0 ? version : version[..plus])} ({commit[..Math.Min(12, commit.Length)]}, " +
            $"{System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription})";
    }
}
