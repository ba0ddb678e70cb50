namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// The file system whose inodes were still in use when it was unmounted: fs/super.c generic_shutdown_super(), which names it since
/// 5.19.
/// </summary>
internal static class BusyInodes
{
    private const string Heading = "VFS: Busy inodes after unmount of ";

    public static IEnumerable<Clue> Read(ClueInput input)
    {
        if (input.Find(Heading) is not { } line)
            yield break;
        string name = line.Text[(line.Text.IndexOf(Heading, StringComparison.Ordinal) + Heading.Length)..].Trim(' ', '.');
        yield return new Clue("busy-inodes",
            $"The file system {name} was unmounted while files of it were still in use: " +
            "its driver holds a reference that it lost count of. " +
            "A kernel that is built to check its data stops there on purpose.", input.SourceOf(line));
    }
}
