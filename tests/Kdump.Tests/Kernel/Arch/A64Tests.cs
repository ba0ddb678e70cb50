using System.Globalization;
using System.Text;
using Kdump.Kernel.Arch.Arm64;

namespace Kdump.Tests.Kernel.Arch;

/// <summary>A64 in words, beside GNU objdump's on real code and on random words.</summary>
public sealed class A64Tests
{
    private const string Objdump = "aarch64-linux-gnu-objdump", Library = "/usr/aarch64-linux-gnu/lib/libc.so.6";

    [Theory]
    [InlineData(0xd65f03c0u, "ret")]
    [InlineData(0xd503233fu, "paciasp")]
    [InlineData(0xd503201fu, "nop")]
    [InlineData(0xa9bf7bfdu, "stp x29, x30, [sp, #-16]!")]
    [InlineData(0xa8c17bfdu, "ldp x29, x30, [sp], #16")]
    [InlineData(0x910003fdu, "mov x29, sp")]
    [InlineData(0xb9400001u, "ldr w1, [x0]")]
    [InlineData(0xf8627801u, "ldr x1, [x0, x2, lsl #3]")]
    [InlineData(0xd4210000u, "brk #0x800")]
    [InlineData(0x94000001u, "bl 0x1004")]
    [InlineData(0x54000041u, "b.ne 0x1008")]
    [InlineData(0x3607ffe0u, "tbz w0, #0, 0xffc")]
    [InlineData(0xd5384100u, "mrs x0, sp_el0")]
    [InlineData(0xd50343dfu, "msr daifset, #0x3")]
    [InlineData(0xb8e10022u, "ldaddal w1, w2, [x1]")]
    [InlineData(0xc85f7c01u, "ldxr x1, [x0]")]
    [InlineData(0xd2a24680u, "mov x0, #0x12340000")]
    [InlineData(0x4e083c00u, ".inst 0x4e083c00")]
    [InlineData(0x00000000u, "udf #0")]
    public void A_word_is_written_as_GNU_tools_write_it(uint word, string text) =>
        Assert.Equal(text, A64.Decode(word, 0x1000).ToString());

    [ToolFact(Objdump, Library)]
    public void Real_code_is_written_as_objdump_writes_it()
    {
        (int same, int unknown, List<string> wrong) = Compare($"-d {Library}");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(40)));
        Assert.True(same > 100_000 && unknown * 10 < same, $"{same} the same, {unknown} not known");
    }

    [ToolFact(Objdump)]
    public void Random_words_are_written_as_objdump_writes_them_or_not_at_all()
    {
        const int Words = 200_000;
        byte[] bytes = new byte[Words * 4];
        new Random(64).NextBytes(bytes);
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(file, bytes);
            (int same, _, List<string> wrong) = Compare($"-D -b binary -m aarch64 {file}");
            Assert.True(wrong.Count == 0, $"{wrong.Count}:\n" + string.Join('\n', wrong.Take(60)));
            Assert.True(same > Words / 10, $"{same}");
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static (int Same, int Unknown, List<string> Wrong) Compare(string arguments)
    {
        int same = 0, unknown = 0;
        List<string> wrong = [];
        foreach (string line in Encoding.ASCII.GetString(Tool.Run($"{Objdump} {arguments}", "/")).Split('\n'))
        {
            string[] parts = line.Split('\t');
            if (parts.Length < 3 || parts[0].EndsWith(':') is false ||
                !ulong.TryParse(parts[0].Trim().TrimEnd(':'), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong at) ||
                !uint.TryParse(parts[1].Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint word))
                continue;
            A64 one = A64.Decode(word, at);
            if (!one.Known)
            {
                unknown++;
                continue;
            }
            string theirs = Plain(string.Join(' ', parts[2..])), ours = one.ToString();
            if (theirs == ours || Numbered(ours, theirs))
                same++;
            else
                wrong.Add($"{word:x8}  {ours}  |  {theirs}");
        }
        return (same, unknown, wrong);
    }

    /// <summary>A system register by number, which objdump knows by name.</summary>
    private static bool Numbered(string ours, string theirs)
    {
        return ours.StartsWith('m') && ours.Contains(" s", StringComparison.Ordinal) && ours.Contains("_c", StringComparison.Ordinal) &&
            theirs[..4] == ours[..4];
    }

    /// <summary>Without comments and names of targets; an address as we write it.</summary>
    private static string Plain(string text)
    {
        int comment = text.IndexOf("//", StringComparison.Ordinal), name = text.IndexOf(" <", StringComparison.Ordinal);
        if (comment >= 0)
            text = text[..comment];
        if (name >= 0 && name < text.Length)
        {
            text = text[..name];
            int last = text.LastIndexOf(' ') + 1;
            if (text.Length > last && !text[last..].StartsWith("0x", StringComparison.Ordinal))
                text = $"{text[..last]}0x{text[last..]}";
        }
        return text.Trim();
    }
}
