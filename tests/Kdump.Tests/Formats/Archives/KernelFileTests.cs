using System.Text;
using Kdump.Formats.Archives;
using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;

namespace Kdump.Tests.Formats.Archives;

public sealed class KernelFileTests
{
    private static KernelFile? Read(byte[] file) => KernelFile.Read(new MemorySource("kernel", file));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 4096)]
    [InlineData(2, 16384)]
    [InlineData(3, 65536)]
    public void An_arm64_Image_tells_its_pages(int flag, int bytes)
    {
        KernelFile image = Read(KernelFileBuilder.Image(flag))!;
        Assert.Equal(("Image", "aarch64", bytes, false), (image.Form, image.Architecture, image.PageSize, image.BigEndian));
        Assert.True(Read(KernelFileBuilder.Image(flag, big: true))!.BigEndian);
    }

    /// <summary>file 5.44 calls pages of 64 KB 32K.</summary>
    [ToolTheory("file")]
    [InlineData(1, "4K pages")]
    [InlineData(2, "16K pages")]
    public void File_reads_the_same_header_as_we_do(int flag, string says)
    {
        string text = Encoding.UTF8.GetString(Tool.Run("file -b -", "/tmp", KernelFileBuilder.Image(flag)));
        Assert.Contains("ARM64 boot executable Image, little-endian", text, StringComparison.Ordinal);
        Assert.Contains(says, text, StringComparison.Ordinal);
    }

    [ToolTheory("gzip", "zstd", "xz", "lzma")]
    [InlineData("gzip", "gzip")]
    [InlineData("zstd22", "zstd")]
    [InlineData("lzma", "lzma")]
    [InlineData("xzkern", "xz")]
    public void The_kernel_packed_in_a_zboot_file_is_looked_into(string name, string tool)
    {
        byte[] payload = Tool.Run($"{tool} -c", "/tmp", KernelFileBuilder.Image(3));
        KernelFile zboot = Read(KernelFileBuilder.Zboot(KernelFileBuilder.Arm64, name, payload))!;
        Assert.Equal(("zboot", "aarch64", name), (zboot.Form, zboot.Architecture, zboot.Packing));
        Assert.Equal(65536, zboot.Inner!.PageSize);
        Assert.Equal($"an aarch64 kernel in zboot form ({name}) with pages of 64 KB", zboot.Name);
    }

    [Fact]
    public void A_zboot_file_whose_payload_is_cut_is_still_one()
    {
        KernelFile zboot = Read(KernelFileBuilder.Zboot(KernelFileBuilder.LoongArch64, "gzip", [0x1f, 0x8b, 8]))!;
        Assert.Equal(("zboot", "loongarch64"), (zboot.Form, zboot.Architecture));
        Assert.Null(zboot.Inner);
    }

    [ToolFact("gzip")]
    public void A_packed_Image_is_told_with_its_packing()
    {
        KernelFile packed = Read(Tool.Run("gzip -c", "/tmp", KernelFileBuilder.Image(1)))!;
        Assert.Equal(("Image", "aarch64", "gzip", 4096), (packed.Form, packed.Architecture, packed.Packing, packed.PageSize));
    }

    [Fact]
    public void A_bzImage_tells_its_release()
    {
        KernelFile kernel = Read(KernelFileBuilder.BzImage("6.1.0-50-amd64"))!;
        Assert.Equal(("bzImage", "x86_64", "6.1.0-50-amd64"), (kernel.Form, kernel.Architecture, kernel.Release));
    }

    [Fact]
    public void Kernels_of_other_architectures_are_named()
    {
        byte[] riscv = KernelFileBuilder.Pe(KernelFileBuilder.RiscV64, 4096);
        "RISCV\0\0\0RSC\x05"u8.CopyTo(riscv.AsSpan(48));
        Assert.Equal("riscv64", Read(riscv)!.Architecture);
        Assert.Equal(("Image", "loongarch64"), Read(KernelFileBuilder.Pe(KernelFileBuilder.LoongArch64, 4096)) is { } l
            ? (l.Form, l.Architecture) : default);
        var s390 = new byte[0x11000];
        "S390EP"u8.CopyTo(s390.AsSpan(0x10008));
        Assert.Equal("s390x", Read(s390)!.Architecture);
    }

    [Theory]
    [InlineData(KernelFileBuilder.Arm64, "aarch64")]
    [InlineData(KernelFileBuilder.X8664, "x86_64")]
    public void A_unified_kernel_image_is_told_with_the_kernel_in_it(ushort machine, string name)
    {
        byte[] linux = machine == KernelFileBuilder.Arm64 ? KernelFileBuilder.Image(2) : KernelFileBuilder.BzImage("6.12.1");
        byte[] file = KernelFileBuilder.Unified(machine, (".osrel", "ID=debian"u8.ToArray()), (".uname", "6.12.1"u8.ToArray()),
            (".cmdline", "quiet"u8.ToArray()), (".linux", linux), (".initrd", new CpioBuilder().Trailer().ToArray()));
        KernelFile kernel = Read(file)!;
        Assert.Equal(("uki", name, "6.12.1"), (kernel.Form, kernel.Architecture, kernel.Release));
        Assert.Equal(machine == KernelFileBuilder.Arm64 ? 16384 : 4096, kernel.Inner!.PageSize);
        Assert.Equal([".osrel", ".uname", ".cmdline", ".linux", ".initrd"], kernel.Sections);
        Assert.Equal(ContentFamily.Kernel, FirstBytes.Of(file.AsSpan(0, 4096)).Family);
    }

    [Fact]
    public void Programs_of_EFI_and_of_Windows_are_no_kernels()
    {
        Assert.Null(Read(KernelFileBuilder.Pe(KernelFileBuilder.X8664, 4096, linux: false)));
        Assert.Null(Read("MZ is how this text begins, and it goes on for some more words than a header has, on purpose"u8.ToArray()));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(60)]
    [InlineData(0x58)]
    [InlineData(4000)]
    public void A_kernel_s_file_that_is_cut_ends_in_no_exception_but_ours(int length)
    {
        foreach (byte[] whole in new[] { KernelFileBuilder.Image(1), KernelFileBuilder.BzImage("6.1"),
            KernelFileBuilder.Zboot(KernelFileBuilder.Arm64, "gzip", [0x1f, 0x8b]),
            KernelFileBuilder.Unified(KernelFileBuilder.X8664, (".linux", KernelFileBuilder.BzImage("6.1"))) })
        {
            byte[] cut = whole[..Math.Min(length, whole.Length)];
            _ = Read(cut);
            InputException? error = null;
            try
            {
                BootImage.Open(new MemorySource("cut", cut)).Dispose();
            }
            catch (InputException e)
            {
                error = e;
            }
            Assert.True(error is not null || length < 3);
        }
    }

    [Fact]
    public void A_kernel_that_is_given_as_an_image_is_told_to_be_one()
    {
        InputException error = Assert.Throws<InputException>(() => BootImage.Open(new MemorySource("vmlinuz", KernelFileBuilder.Image(3))));
        Assert.Contains("an aarch64 kernel (Image) with pages of 64 KB, and no initramfs is in it", error.Message,
            StringComparison.Ordinal);
    }
}
