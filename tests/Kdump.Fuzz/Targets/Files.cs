using Kdump.Tests;

namespace Kdump.Fuzz.Targets;

/// <summary>Seeds that lie in the repository, and those that other people's tools make.</summary>
internal static class Files
{
    /// <summary>Files below a folder of fixtures, evenly taken where there are many.</summary>
    public static IEnumerable<byte[]> Fixtures(string folder, int count, int maxBytes = 24 << 10, string pattern = "*")
    {
        string[] all = [.. Directory.EnumerateFiles(Repository.Path("fixtures", folder), pattern, SearchOption.AllDirectories)
            .Where(f => new FileInfo(f).Length <= maxBytes).Order(StringComparer.Ordinal)];
        for (int i = 0; i < Math.Min(count, all.Length); i++)
            yield return File.ReadAllBytes(all[(long)i * all.Length / Math.Min(count, all.Length)]);
    }

    /// <summary>What a shell command prints in a folder that holds these files; nothing where its program is not installed.</summary>
    public static IEnumerable<byte[]> Made(string[] commands, params (string Name, byte[] Bytes)[] files)
    {
        string folder = Directory.CreateTempSubdirectory("kdt-fuzz-seeds-").FullName;
        try
        {
            foreach ((string name, byte[] bytes) in files)
            {
                string path = Path.Combine(folder, name);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.WriteAllBytes(path, bytes);
            }
            var made = new List<byte[]>();
            foreach (string command in commands.Where(c => Tool.Find(c.Split(' ')[0]) is not null))
            {
                try
                {
                    made.Add(Tool.Run(command, folder));
                }
                catch (InvalidOperationException)
                {
                    // An older tool without this option: one seed less.
                }
            }
            return made;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
