using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Speakers;
using Kdump.Tests.MachineChecks;

namespace Kdump.Tests.Speakers;

/// <summary>Lines that somebody pasted, and comments that only contain the same words.</summary>
public sealed class PastedTroubleTests
{
    private const string Words = "not set in each group the application will fail and dump core: cannot continue";

    [Theory]
    [InlineData("! ")]
    [InlineData("!! ")]
    [InlineData("; ")]
    [InlineData("# ")]
    [InlineData("#")]
    [InlineData("// ")]
    [InlineData("/* ")]
    [InlineData("-- ")]
    [InlineData(".\\\" ")]
    [InlineData("'\\\" ")]
    [InlineData("rem ")]
    [InlineData("REM ")]
    [InlineData(":: ")]
    [InlineData("% ")]
    [InlineData("dnl ")]
    [InlineData("<!-- ")]
    [InlineData("   ! ")]
    public void A_comment_of_any_syntax_tells_of_no_trouble(string mark)
    {
        Assert.True(CommentLine.Is(mark + Words));
        Assert.Empty(PastedTrouble.In([new Source("x", mark + Words)]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("remote: ")]
    [InlineData("* ")]
    [InlineData("--- ")]
    [InlineData("!!!")]
    [InlineData("%ERROR ")]
    public void A_message_that_begins_nearly_so_is_no_comment(string start) => Assert.False(CommentLine.Is(start + Words));

    /// <summary>A folder of many files was not put together for one case: a single line in one of them is nobody's question.</summary>
    [Theory]
    [InlineData(4, true)]
    [InlineData(60, false)]
    public void One_line_in_one_of_many_files_is_no_question(int files, bool asked)
    {
        string folder = Directory.CreateTempSubdirectory("kdt-heap-").FullName;
        try
        {
            for (int i = 1; i < files; i++)
                File.WriteAllText(Path.Combine(folder, $"{i}.conf"), $"name = value {i}\n");
            File.WriteAllText(Path.Combine(folder, "z.txt"), "the widget failed and cannot continue at all\n");
            string said = Run.Kdt("explain", folder).Output;
            Assert.Equal(asked, said.Contains("widget failed", StringComparison.Ordinal));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
