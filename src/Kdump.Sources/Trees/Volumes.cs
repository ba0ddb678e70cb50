namespace Kdump.Sources.Trees;

/// <summary>Recognises a piece of an archive that was split into several files, by its name, and says what to do with it.</summary>
public static class Volumes
{
    /// <summary>Null for a file that is not named as a piece.</summary>
    public static string? Hint(string path)
    {
        string name = Path.GetFileName(path).ToLowerInvariant(), end = Path.GetExtension(name);
        string rest = Path.GetFileNameWithoutExtension(name);
        bool numbered = end.Length >= 3 && end.AsSpan(2).IndexOfAnyExceptInRange('0', '9') < 0;
        if (numbered && end.Length == 4 && char.IsAsciiDigit(end[1]) && Path.HasExtension(rest))
            return $"a piece of {rest}: join the pieces (cat {rest}.* > {rest}), and give that";
        // The last piece has the archive's own name, and begins in the middle of a file.
        if ((numbered && end[1] == 'z') || (end == ".zip" && File.Exists(Path.ChangeExtension(path, ".z01"))))
            return $"a piece of {rest}.zip: join the pieces (zip -s 0 {rest}.zip --out whole.zip), and give that";
        if ((end == ".rar" && Path.GetExtension(rest).StartsWith(".part", StringComparison.Ordinal)) || (numbered && end[1] == 'r'))
            return "a volume of a rar archive: unpack all volumes, and give the folder";
        return null;
    }
}
