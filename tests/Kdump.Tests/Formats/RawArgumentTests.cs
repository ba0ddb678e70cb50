using System.Text;
using Kdump.Formats.Bytes;

namespace Kdump.Tests.Formats;

/// <summary>.NET loses the bytes of an argument that is not UTF-8; the kernel has them.</summary>
public sealed class RawArgumentTests
{
    private static readonly string Lost = RawNames.Mark.ToString();

    [Fact]
    public void Lost_bytes_are_taken_from_the_command_line()
    {
        byte[] line = [.. "/usr/bin/dotnet\0kdt.dll\0explain\0caf"u8, 0xe9, .. ".log\0gr"u8, 0xc3, 0xbc, .. "n\0"u8];
        Assert.Equal(["explain", "caf\\xe9.log", "grün"], RawArguments.Of(["explain", $"caf{Lost}.log", "grün"], line));
    }

    [Fact]
    public void An_argument_that_holds_the_mark_itself_stays_as_it_is() =>
        Assert.Equal([$"a{Lost}"], RawArguments.Of([$"a{Lost}"], Encoding.UTF8.GetBytes($"kdt\0a{Lost}\0")));

    [Fact]
    public void A_command_line_that_does_not_hold_the_arguments_changes_nothing()
    {
        Assert.Equal([$"a{Lost}", "b"], RawArguments.Of([$"a{Lost}", "b"], "x\0"u8));
        Assert.Equal([$"a{Lost}"], RawArguments.Of([$"a{Lost}"], ""u8));
    }

    [ToolFact("python3")]
    public void A_file_is_opened_and_told_by_what_stands_for_its_name_and_one_to_write_is_not()
    {
        string folder = Directory.CreateTempSubdirectory("kdt-raw").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "make.py"), "import os\nopen(b'caf\\xe9.log', 'w').write('hello')\n");
            Tool.Run("python3 make.py", folder);
            string odd = folder + "/caf\\xe9.log";
            using var raw = new RawPaths();
            string[] args = RawArguments.Openable(["explain", odd, "-o", odd], raw);
            Assert.Equal("hello", File.ReadAllText(args[1]));
            Assert.Equal(odd, args[3]);
            Assert.Equal($"{folder}/caf{Lost}.log: read", raw.Shown($"{args[1]}: read", marked: true));
            Assert.Equal($"{odd}: read", raw.Shown($"{args[1]}: read"));
        }
        finally
        {
            Tool.Run("rm -rf " + folder, "/tmp");
        }
    }
}
