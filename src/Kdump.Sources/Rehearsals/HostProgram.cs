namespace Kdump.Sources.Rehearsals;

/// <summary>
/// A program of this machine by its name: in PATH, and in the folders for root's programs, which the PATH of other users often lacks.
/// </summary>
internal static class HostProgram
{
    public static string? Find(params IEnumerable<string> names)
    {
        string[] folders = [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries),
            "/usr/sbin", "/sbin", "/usr/local/sbin"];
        return names.SelectMany(n => n.StartsWith('/') ? [n] : folders.Select(f => Path.Combine(f, n))).FirstOrDefault(File.Exists);
    }
}
