using System.Text;
using ELFSharp.ELF;
using ELFSharp.ELF.Sections;
using ELFSharp.ELF.Segments;
using Kdump.Formats.Archives;
using Kdump.Formats.Bytes;
using Kdump.Formats.Elf;

namespace Kdump.Tests.Formats.Elf;

/// <summary>
/// Our reading of ELF files against ELFSharp's, on programs, libraries and kernel modules of this machine. ELFSharp is for well-formed
/// files of known origin; our reader is for dumps and for images of broken machines.
/// </summary>
public sealed class ElfOracleTests
{
    /// <summary>Files of each place that are looked at.</summary>
    private const int Each = 12;

    private static readonly (string Folder, string Pattern)[] Places =
    [
        ("/usr/bin", "*"), ("/usr/lib/x86_64-linux-gnu", "*.so*"), ("/usr/lib/aarch64-linux-gnu", "*.so*"), ("/lib/modules", "*.ko"),
        (AppContext.BaseDirectory, "*.so"),
        (Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache/kdump-lab/kernels"), "*.ko"),
    ];

    public static TheoryData<string> Folders => [.. Places.Select(p => p.Folder)];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Sections_and_segments_are_those_that_ELFSharp_reads(string folder)
    {
        foreach (string path in Files(folder))
        {
            using IELF theirs = ELFReader.Load(path);
            if (theirs is not ELF<ulong> other)
                continue;
            ElfFile ours = ElfFile.Read(new MemorySource(path, File.ReadAllBytes(path)));
            var lost = new List<Damage>();
            Assert.Equal(other.Sections.Select(s => (s.Name, (uint)s.Type, s.RawFlags, s.LoadAddress, s.Offset, s.Size, s.EntrySize)),
                ours.ReadSections(lost).Select(s => (s.Name, s.Type, s.Flags, s.Address, s.Offset, s.Size, s.EntrySize)));
            Assert.Equal(other.Segments.Select(s => ((uint)s.Type, (uint)s.Flags, (ulong)s.Offset, s.Address, s.PhysicalAddress,
                (ulong)s.FileSize, s.Size)), ours.Segments.Select(s => (s.Type, s.Flags, s.Offset, s.VirtualAddress, s.PhysicalAddress,
                s.FileSize, s.MemorySize)));
            Assert.Empty(lost);
            Assert.Empty(ours.Damages);
        }
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void What_a_linker_and_a_module_loader_read_is_what_ELFSharp_reads(string folder)
    {
        foreach (string path in Files(folder))
        {
            using IELF theirs = ELFReader.Load(path);
            if (theirs is not ELF<ulong> other)
                continue;
            ElfLinkage? ours = ElfLinkage.Read(File.ReadAllBytes(path), path);
            Assert.NotNull(ours);
            Assert.Equal(theirs.Type == ELFSharp.ELF.FileType.Relocatable, ours.IsRelocatable);
            Assert.Equal((ushort)theirs.Machine, ours.Machine.Machine);
            string[] Tagged(DynamicTag tag)
            {
                byte[] names = other.Sections.FirstOrDefault(s => s.Name == ".dynstr")?.GetContents() ?? [];
                return [.. other.Sections.OfType<DynamicSection<ulong>>().SelectMany(s => s.Entries).Where(e => e.Tag == tag)
                    .Select(e => Text(names, (int)e.Value))];
            }
            Assert.Equal(Tagged(DynamicTag.Needed), ours.Needed);
            Assert.Equal(Tagged(DynamicTag.SoName).FirstOrDefault(), ours.Soname);
            Assert.Equal(Tagged(DynamicTag.RunPath).FirstOrDefault(), ours.Runpath);
            Segment<ulong>? interpreter = other.Segments.FirstOrDefault(s => s.Type == SegmentType.Interpreter);
            Assert.Equal(interpreter is null ? null : Text(interpreter.GetFileContents(), 0), ours.Interp);
            byte[] info = other.Sections.FirstOrDefault(s => s.Name == ".modinfo")?.GetContents() ?? [];
            if (ours.IsRelocatable)
                Assert.Equal(Encoding.UTF8.GetString(info).Split('\0', StringSplitOptions.RemoveEmptyEntries), ours.ModuleInfo);
        }
    }

    private static IEnumerable<string> Files(string folder)
    {
        string pattern = Places.First(p => p.Folder == folder).Pattern;
        return !Directory.Exists(folder) ? []
            : Directory.EnumerateFiles(folder, pattern, new EnumerationOptions
            {
                RecurseSubdirectories = pattern == "*.ko", IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint,
            }).Where(IsElf).Take(Each);
    }

    private static bool IsElf(string path)
    {
        if (new FileInfo(path) is not { Length: > 64 and < 4 << 20 })
            return false;
        using FileStream file = File.OpenRead(path);
        var head = new byte[4];
        return file.ReadAtLeast(head, 4, throwOnEndOfStream: false) == 4 && head.AsSpan().SequenceEqual("\u007fELF"u8);
    }

    private static string Text(byte[] names, int at)
    {
        int end = Array.IndexOf(names, (byte)0, at);
        return Encoding.UTF8.GetString(names, at, (end < 0 ? names.Length : end) - at);
    }
}
