namespace Kdump.Fuzz.Running;

/// <summary>The inputs of a target that took new branches, in memory and in out/fuzz/corpus, where the next run finds them.</summary>
internal sealed class Corpus(string folder, int commands)
{
    private readonly List<(byte[] Input, int Command)> kept = [];

    public int Count => kept.Count;

    /// <summary>What earlier runs kept, in no order.</summary>
    public IEnumerable<(byte[] Input, int Command)> Stored(Random random)
    {
        Directory.CreateDirectory(folder);
        string[] files = Directory.GetFiles(folder);
        random.Shuffle(files);
        foreach (string file in files)
            yield return (File.ReadAllBytes(file), CommandOf(file) % commands);
    }

    public void Keep(byte[] input, int command)
    {
        kept.Add((input, command));
        File.WriteAllBytes(Path.Combine(folder, $"{Finding.Hash(input)}.c{command}"), input);
    }

    /// <summary>Any, the latest with more weight: what they opened is least explored.</summary>
    public (byte[] Input, int Command) Pick(Random random) =>
        kept[random.Next(3) == 0 ? Math.Max(0, kept.Count - 1 - random.Next(20)) : random.Next(kept.Count)];

    public static int CommandOf(string file)
    {
        int at = file.LastIndexOf(".c", StringComparison.Ordinal);
        return at >= 0 && int.TryParse(file[(at + 2)..].Split('.')[0], out int command) ? command : 0;
    }
}
