namespace Kdump.Cli.Terminals;

/// <summary>Lines typed before, saved in a file of the user.</summary>
internal sealed class LineHistory
{
    private const int MaxLines = 2000;

    private readonly List<string> lines = [];
    private readonly string? path;

    /// <param name="path">The file; null: the history is not saved.</param>
    public LineHistory(string? path)
    {
        this.path = path;
        try
        {
            if (path is not null && File.Exists(path))
                lines.AddRange(File.ReadLines(path).Take(4 * MaxLines).TakeLast(MaxLines));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            this.path = null;
        }
    }

    public IReadOnlyList<string> Lines => lines;

    /// <summary>In $XDG_STATE_HOME/kdt, as the XDG base directory specification says; null without a home.</summary>
    public static string? UsualPath()
    {
        string? state = Environment.GetEnvironmentVariable("XDG_STATE_HOME");
        string? home = Environment.GetEnvironmentVariable("HOME");
        if (!string.IsNullOrEmpty(state))
            return Path.Combine(state, "kdt", "history");
        return !string.IsNullOrEmpty(home) ? Path.Combine(home, ".local", "state", "kdt", "history") : null;
    }

    public void Add(string line)
    {
        if (line.Trim().Length == 0 || (lines.Count > 0 && lines[^1] == line))
            return;
        lines.Add(line);
        if (lines.Count > MaxLines)
            lines.RemoveAt(0);
    }

    /// <summary>Saves the history; failures are ignored.</summary>
    public void Save()
    {
        if (path is null)
            return;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllLines(path, lines);
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The history is then not saved.
        }
    }
}
