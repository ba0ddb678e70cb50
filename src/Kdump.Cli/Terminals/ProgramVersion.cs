using System.Reflection;

namespace Kdump.Cli.Terminals;

/// <summary>Name and version of this program.</summary>
internal static class ProgramVersion
{
    /// <summary>The version's own number.</summary>
    internal static string Number => typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
        ?.InformationalVersion.Split('+')[0] ?? "unknown";

    /// <summary>Version, commit and framework.</summary>
    internal static string Line(string program = "kdt") => Line(program,
        typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown");

    /// <param name="version"><c>0.1.0+COMMIT</c>; without a commit where the program was built from a release's sources.</param>
    internal static string Line(string program, string version)
    {
        const int CommitLength = 12;
        int plus = version.IndexOf('+');
        string commit = plus < 0 ? "unknown commit" : version[(plus + 1)..Math.Min(plus + 1 + CommitLength, version.Length)];
        return $"{program} {(plus < 0 ? version : version[..plus])} ({commit}, " +
            $"{System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription})";
    }
}
