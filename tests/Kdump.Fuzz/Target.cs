namespace Kdump.Fuzz;

internal enum Form
{
    /// <summary>Bytes without a known structure.</summary>
    Bytes,

    /// <summary>Lines.</summary>
    Lines,

    /// <summary>Words and signs of one line, given to kdt as an argument.</summary>
    Words,

    /// <summary>Changes of a large file that is always the same one (<see cref="Target.Base"/>).</summary>
    Patches,
}

/// <summary>What is fed to which commands.</summary>
/// <param name="Commands">In their words, {in} is the file that is mutated, {text} the input itself, {dir} the folder of the
/// companions.</param>
internal sealed record Target(string Name, Form Form, string[] Commands, Func<IEnumerable<byte[]>> Seeds)
{
    /// <summary>What is mutated goes into the file by this: into a container, onto a dump.</summary>
    public Func<byte[], byte[]> Pack { get; init; } = bytes => bytes;

    /// <summary>Files that stay as they are.</summary>
    public Func<IEnumerable<(string Name, byte[] Bytes)>> Companions { get; init; } = () => [];

    public byte[] Base { get; init; } = [];

    /// <summary>Inputs do not grow beyond this.</summary>
    public int MaxBytes { get; init; } = 64 << 10;

    public string[] Words(int command, string folder, byte[] input) =>
        [.. Commands[command].Split(' ').Select(w => w == "{text}" ? ArgumentOf(input)
            : w.Replace("{in}", Path.Combine(folder, "input"), StringComparison.Ordinal).Replace("{dir}", folder,
                StringComparison.Ordinal))];

    /// <summary>An argument of a process ends at a zero byte and is UTF-8.</summary>
    private static string ArgumentOf(byte[] input)
    {
        string text = System.Text.Encoding.UTF8.GetString(input).Replace("\0", "", StringComparison.Ordinal);
        // 128 KB is the kernel's limit of one argument (MAX_ARG_STRLEN).
        return text.Length > 30_000 ? text[..30_000] : text;
    }
}
