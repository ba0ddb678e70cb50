using Kdump.Formats.Bytes;
using Kdump.Formats.Elf;
using Kdump.Tests.Image;

namespace Kdump.Tests.Formats.Elf;

public sealed class ElfLinkageTests
{
    [Fact]
    public void Needed_libraries_interpreter_and_paths_are_read()
    {
        ElfLinkage elf = ElfLinkage.Read(ElfBuilder.Dynamic("/lib64/ld.so", ["libc.so.6", "libz.so.1"], runpath: "$ORIGIN/x"), "x");
        Assert.Equal(("/lib64/ld.so", "$ORIGIN/x"), (elf.Interp, elf.Runpath));
        Assert.Equal(["libc.so.6", "libz.so.1"], elf.Needed);
        Assert.Equal(((byte)2, (ushort)62), elf.Machine);
    }

    [Fact]
    public void A_module_tells_what_it_needs()
    {
        ElfLinkage elf = ElfLinkage.Read(ElfBuilder.Module("depends=a,b", "firmware=x.bin", "firmware=y.bin"), "x");
        Assert.True(elf.IsRelocatable);
        Assert.Equal(["x.bin", "y.bin"], elf.Info("firmware"));
        Assert.Equal(["a,b"], elf.Info("depends"));
    }

    [ToolFact("readelf")]
    public void The_shell_of_this_machine_needs_what_readelf_says()
    {
        string text = System.Text.Encoding.UTF8.GetString(Tool.Run("readelf -d /bin/sh", "/"));
        string[] expected = text.Split('\n').Where(l => l.Contains("(NEEDED)")).Select(l => l.Split('[')[1].Split(']')[0]).ToArray();
        Assert.Equal(expected, ElfLinkage.Read(File.ReadAllBytes("/bin/sh"), "sh").Needed);
    }

    [Fact]
    public void Broken_files_are_refused_with_a_line_and_nothing_worse()
    {
        var random = new Random(11);
        foreach (byte[] good in new[] { ElfBuilder.Dynamic("/lib64/ld.so", ["libc.so.6"]), ElfBuilder.Module("depends=a,b", "vermagic=1"),
            File.ReadAllBytes("/bin/sh") })
        {
            for (int round = 0; round < 3000; round++)
            {
                byte[] bad = (byte[])good.Clone();
                for (int n = random.Next(1, 6); n > 0; n--)
                    bad[random.Next(Math.Min(bad.Length, 700))] = random.Next(3) == 0 ? (byte)0xff : (byte)random.Next(256);
                if (random.Next(4) == 0)
                    bad = bad[..random.Next(bad.Length)];
                try
                {
                    _ = ElfLinkage.Read(bad, "bad").Info("depends").Count();
                }
                catch (InputException)
                {
                    // One line.
                }
            }
        }
    }
}
