using System.Reflection;

namespace Kdump.Cli.Terminals;

/// <summary>Name and version of this program.</summary>
internal static class ProgramVersion
{
    /// <summary>The version's own number.</summary>
    internal static string Number => typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
        ?.InformationalVersion.Split('+')[0] ?? "unknown";

    /// <summary>Version, commit and framework.</summary>
    internal static string Line(string program = "kdt")
    {
        string version = typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
            ?? "unknown";
        int plus = version.IndexOf('+');
        string commit = plus < 0 ? "unknown commit" : version[(plus + 1)..];
        return $"{program} {(plus < 0 ? version : version[..plus])} ({commit[..Math.Min(12, commit.Length)]}, " +
            $"{System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription})";
    }
}
