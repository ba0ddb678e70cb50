using System.Text;
using Kdump.Formats.Archives;

namespace Kdump.Tests.Formats.Archives;

/// <summary>Extended attributes make mksquashfs write the large forms of inodes; the attributes themselves matter to no dump.</summary>
public sealed class SquashfsXattrTests
{
    [ToolFact("mksquashfs", "python3")]
    public void Files_folders_and_links_with_extended_attributes_are_read_without_them()
    {
        string root = Directory.CreateTempSubdirectory("kdump-xattr-").FullName;
        try
        {
            Tool.Run(
                "mkdir -p t/folder; seq 1000 > t/folder/file; ln -s file t/folder/link; python3 -c \"import os; [os.setxattr(p, " +
                "'user.origin', b'lab' * 20) for p in ('t/folder', 't/folder/file')]\"; mksquashfs t img -quiet -no-progress", root);
            using BootImage image = BootImage.Open(new MemorySource("img", File.ReadAllBytes(Path.Combine(root, "img"))));
            Assert.Empty(image.Damages);
            Assert.StartsWith("1\n2\n3\n", Encoding.ASCII.GetString(image.Find("/folder/link")!.Content.Read(1 << 20)));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }
}
