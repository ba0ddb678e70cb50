namespace Kdump.Tests;

/// <summary>Where the sources, the fixtures and, where somebody put them, the public corpora lie.</summary>
internal static class Repository
{
    public static readonly string Root = Find();

    public static string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    /// <summary>A folder of the public corpora beside the repository, or null.</summary>
    public static string? Corpus(string name)
    {
        string path = System.IO.Path.GetFullPath(System.IO.Path.Combine(Root, "..", "shared", "corpora", name));
        string fromWorktree = System.IO.Path.GetFullPath(System.IO.Path.Combine(Root, "..", "..", "shared", "corpora", name));
        return Directory.Exists(path) ? path : Directory.Exists(fromWorktree) ? fromWorktree : null;
    }

    private static string Find()
    {
        // The fuzzer runs a copy that lies elsewhere.
        string? folder = Environment.GetEnvironmentVariable("KDUMP_ROOT") ?? AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder, "Kdump.sln")))
            folder = System.IO.Path.GetDirectoryName(folder);
        return folder ?? throw new DirectoryNotFoundException($"no Kdump.sln above {AppContext.BaseDirectory}");
    }
}

/// <summary>A test that needs the public corpora: skipped, and says so, where they are not.</summary>
internal sealed class CorpusFactAttribute : FactAttribute
{
    public CorpusFactAttribute(string name)
    {
        if (Repository.Corpus(name) is null)
            Skip = $"needs ../shared/corpora/{name}";
    }
}
