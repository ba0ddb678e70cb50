using Kdump.Formats.Archives;
using Kdump.Formats.Elf;

namespace Kdump.Sources.Images;

/// <summary>A kernel module of an image.</summary>
/// <param name="Packing">The suffix of its compression, <c>.xz</c>; empty when it is stored plain.</param>
/// <param name="Signed">A signature is appended (kernel/module_signature.h).</param>
/// <param name="Bytes">Unpacked.</param>
public sealed record ImageModule(ImageNode Node, string Release, ElfLinkage Elf, string Packing, bool Signed, long Bytes)
{
    /// <summary>MODULE_SIG_STRING of include/linux/module_signature.h.</summary>
    public static ReadOnlySpan<byte> SignatureMark => "~Module signature appended~\n"u8;

    public IEnumerable<string> Depends =>
        Elf.Info("depends").SelectMany(d => d.Split(',', StringSplitOptions.RemoveEmptyEntries)).Select(ImageModules.Normal);

    /// <summary>Modules that modprobe loads before this one if they exist: <c>softdep=pre: a b post: c</c>.</summary>
    public IEnumerable<string> WantedBefore =>
        Elf.Info("softdep").SelectMany(Before);

    private static IEnumerable<string> Before(string text)
    {
        bool pre = false;
        foreach (string word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (word is "pre:" or "post:")
                pre = word == "pre:";
            else if (pre)
                yield return word;
        }
    }
}
