using System.Runtime.CompilerServices;

namespace Kdump.Tests.MachineChecks;

/// <summary>
/// Folders with what other tools say about the same input, beside the repository; absent ones skip the tests that need them.
/// </summary>
internal static class Corpora
{
    /// <summary>The folder <c>../shared/corpora/NAME</c> seen from the repository, or null.</summary>
    public static string? Find(string name)
    {
        string? moved = Environment.GetEnvironmentVariable("KDUMP_CORPORA");
        for (DirectoryInfo? d = moved is null ? new FileInfo(ThisFile()).Directory : null; d is not null; d = d.Parent)
        {
            string there = Path.Combine(d.FullName, "shared", "corpora", name);
            if (Directory.Exists(there))
                return there;
        }
        return moved is not null && Directory.Exists(Path.Combine(moved, name)) ? Path.Combine(moved, name) : null;
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}

/// <summary>A fact that needs a folder of <see cref="Corpora"/>.</summary>
public sealed class CorpusFactAttribute : FactAttribute
{
    public CorpusFactAttribute(string corpus)
    {
        if (Corpora.Find(corpus) is null)
            Skip = $"needs the folder ../shared/corpora/{corpus} beside the repository (or KDUMP_CORPORA)";
    }
}
