using Kdump.Clr;
using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;
using Kdump.Kernel.Views;
using Kdump.Tests.Builders;
using Kdump.Tests.Formats.Dumps;

namespace Kdump.Tests.Clr;

/// <summary>
/// What of kdt-clr needs no .NET process: its words, the choice of a runtime's reader, deadlocks. The rest is compared with ClrMD over
/// live processes by tests/lab/vmcore/dotnet/run.
/// </summary>
public sealed class ClrTests
{
    [Fact]
    public void Threads_that_wait_for_each_others_monitors_are_a_deadlock_and_those_that_wait_for_one_of_them_are_not_in_it()
    {
        ClrThreadFact left = Thread(10, "left"), right = Thread(11, "right"), third = Thread(12, null), free = Thread(13, "free");
        left.WaitsFor.Add(0xb0);
        right.WaitsFor.Add(0xa0);
        third.WaitsFor.Add(0xa0);
        Answer answer = Told([third, left, right, free], [Held(0xa0, left), Held(0xb0, right)]);
        IReadOnlyList<ClrThreadFact> circle = Assert.Single(answer.Deadlocks());
        Assert.Equal(["left", "right"], circle.Select(t => t.Name!).Order());
        StringWriter text = new();
        AnswerText.Write(text, answer);
        Assert.Contains("DEADLOCK: \"left\" (10) waits for \"right\" (11) waits for \"left\" (10)", text.ToString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_thread_that_may_wait_for_one_of_several_locks_proves_no_deadlock()
    {
        ClrThreadFact left = Thread(10, "left"), right = Thread(11, "right");
        left.WaitsFor.AddRange([0xb0, 0xc0]);
        right.WaitsFor.Add(0xa0);
        Assert.Empty(Told([left, right], [Held(0xa0, left), Held(0xb0, right), Held(0xc0, right)]).Deadlocks());
    }

    [Fact]
    public void Names_out_of_a_dump_reach_no_terminal_as_they_are() =>
        Assert.Equal("a\\u001b[31mb\\u000a", AnswerText.Plain("a\u001b[31mb\n"));

    [Theory]
    [InlineData("--pid", "1")]
    [InlineData("vmcore")]
    [InlineData("--pid", "x", "vmcore")]
    [InlineData("--pid")]
    [InlineData("--core", "core", "vmcore")]
    [InlineData("--nothing", "--pid", "1", "vmcore")]
    public void Words_that_do_not_fit_together_are_refused(params string[] words) =>
        Assert.Throws<InputException>(() => Options.Parse(words));

    [Fact]
    public void A_reader_of_another_build_is_refused_and_the_message_tells_what_to_get()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("kdt-dac");
        try
        {
            Runtime runtime = new("/opt/dotnet/shared/Microsoft.NETCore.App/10.0.12/libcoreclr.so", 0x1000, "10.0.12", new string('a', 40));
            string why = Refused(runtime, folder.FullName);
            Assert.Contains("has no libmscordaccore.so", why, StringComparison.Ordinal);
            Assert.Contains("libmscordaccore.so of .NET 10.0.12 for linux-x64, whose libcoreclr.so has the build id aaaa", why,
                StringComparison.Ordinal);
            File.WriteAllText(Path.Combine(folder.FullName, "libmscordaccore.so"), "");
            Assert.Contains("libcoreclr.so is not beside it", Refused(runtime, folder.FullName), StringComparison.Ordinal);
            File.Copy(Repository.Path("fixtures", "debuginfo", "gcc-dwarf5"), Path.Combine(folder.FullName, "libcoreclr.so"));
            Assert.Contains("the process's aaaa", Refused(runtime, folder.FullName), StringComparison.Ordinal);
            Assert.Contains("cannot be told", Refused(runtime with { BuildId = null }, folder.FullName), StringComparison.Ordinal);
            byte[] bytes = File.ReadAllBytes(Repository.Path("fixtures", "debuginfo", "gcc-dwarf5"));
            string id = BuildId.Of((at, raw) =>
            {
                bytes.AsSpan((int)at, raw.Length).CopyTo(raw);
                return true;
            })!;
            Assert.EndsWith("libmscordaccore.so", (runtime with { BuildId = id }).FindDac(folder.FullName, null), StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData(31, true, null)]
    [InlineData(8, true, null)]
    [InlineData(23, false, "W^X")]
    [InlineData(17, false, null)]
    [InlineData(0, false, null)]
    public void What_a_level_leaves_of_dotnet_is_told_by_the_level_alone(int level, bool nothing, string? doubt)
    {
        using Dump dump = DumpBytes.Open(new DiskDumpBuilder { DumpLevel = level }.Page(5).Build());
        Exception? refused = Record.Exception(() => ManagedLevel.Check(dump));
        Assert.Equal(nothing, refused is InputException { Reason: var reason } && reason.Contains("-d 17", StringComparison.Ordinal));
        if (!nothing)
            Assert.Equal(doubt is not null, ManagedLevel.Doubt(dump)?.Contains("WriteXorExecute", StringComparison.Ordinal) == true);
    }

    private static string Refused(Runtime runtime, string folder) =>
        Assert.Throws<InputException>(() => runtime.FindDac(folder, null)).Reason;

    private static ClrThreadFact Thread(uint id, string? name) => new(id, (int)id - 9, name, true, false, [], null);

    private static ClrLockFact Held(ulong at, ClrThreadFact by) => new(at, "System.Object", by.ManagedId, by.OsId, 1, 1);

    private static Answer Told(ClrThreadFact[] threads, ClrLockFact[] locks) => new("10.0.12", null, "dac", threads, locks, [], 0, 0, []);
}
