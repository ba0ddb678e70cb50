using Kdump.Formats.Archives;
using Kdump.Formats.Bytes;

namespace Kdump.Sources.Inputs;

/// <summary>An image by path, or from standard input into memory.</summary>
public static class ImageInput
{
    /// <summary>Standard input cannot be read twice, so it is held.</summary>
    private const int MaxPiped = 1 << 30;

    public static BootImage Open(string path, Func<Stream> input)
    {
        if (path != "-")
            return BootImage.Open(path);
        using Stream stream = input();
        var memory = new MemoryStream();
        var buffer = new byte[128 * 1024];
        while (stream.Read(buffer, 0, buffer.Length) is > 0 and var n)
        {
            if (memory.Length + n > MaxPiped)
                throw new InputException("-", "standard input", memory.Length, $"more than {MaxPiped >> 20} MiB: give a file");
            memory.Write(buffer, 0, n);
        }
        return BootImage.Open(new MemorySource("-", memory.GetBuffer().AsMemory(0, (int)memory.Length)));
    }
}
