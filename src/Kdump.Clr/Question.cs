using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;
using Kdump.Kernel;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Views;
using Microsoft.Diagnostics.Runtime;

namespace Kdump.Clr;

/// <summary>From the options to the answer: which process, which runtime, which of its readers, and then ClrMD.</summary>
internal static class Question
{
    public static int Answer(Options options, TextWriter output, TextWriter error)
    {
        if (options.Core is { } core)
        {
            using DataTarget loaded = DataTarget.LoadDump(core);
            IDataReader reader = loaded.DataReader;
            Runtime runtime = Runtime.Find(reader.EnumerateModules().Select(m => (m.FileName ?? "", m.ImageBase)),
                (at, raw) => reader.Read(at, raw) == raw.Length) ?? throw NoRuntime(core, "the process");
            return Tell(Ask(loaded, runtime, options, []), options, output);
        }
        using Vmcore vmcore = Vmcore.Open(DumpFormats.Open([.. options.Files]));
        ManagedLevel.Check(vmcore.Dump);
        Tasks tasks = vmcore.Tasks.Need(vmcore.Dump.Name, "tasks");
        TaskStruct task = tasks.All.FirstOrDefault(t => t.Pid == options.Pid)
            ?? throw new InputException(vmcore.Dump.Name, "--pid", -1, $"there is no thread {options.Pid}");
        using ProcessCore process = new(vmcore, task, tasks, vmcore.Registers, file => SysrootFile.Open(options.Sysroot, file));
        DumpReader own = new(process);
        Runtime its = Runtime.Find(own.Mapped(), (at, raw) => own.Read(at, raw) == raw.Length)
            ?? throw NoRuntime(vmcore.Dump.Name, $"{task.Comm} ({task.Tgid})");
        using DataTarget target = new(own, new DataTargetOptions());
        List<string> notes = [];
        if (ManagedLevel.Doubt(vmcore.Dump) is { } doubt)
            notes.Add(doubt);
        foreach (TaskStruct without in process.Notes.Without)
            notes.Add($"thread {without.Pid} ({without.Comm}): the dump does not tell its registers");
        int code;
        try
        {
            Answer answer = Ask(target, its, options, notes);
            long missing = own.Missing.Missing;
            if (missing > 0)
                notes.Add($"{(missing == 1 ? "a page that was asked for is" : $"{missing} pages that were asked for are")} not there: " +
                    $"{own.Missing.Excluded} left out of the dump, {own.Missing.Swapped} on swap, " +
                    $"{own.Missing.NotRead} of files that were not in memory (--sysroot has them), {own.Missing.Lost} lost");
            code = Tell(answer, options, output);
        }
        catch (ClrDiagnosticsException e)
        {
            throw new InputException(vmcore.Dump.Name, "runtime", -1, $"{e.Message}; pages that it asked for and that are not there: " +
                $"{own.Missing.Excluded} left out of the dump, {own.Missing.Swapped} on swap, " +
                $"{own.Missing.NotRead} of files that were not in memory (--sysroot has them), {own.Missing.Lost} lost", e);
        }
        foreach ((string file, string reason) in process.NotUsed)
            error.WriteLine($"kdt-clr: {AnswerText.Plain(file)} is not used: {AnswerText.Plain(reason)}");
        return code;
    }

    private static InputException NoRuntime(string input, string who) =>
        new(input, "libcoreclr.so", -1, $"{who} has not mapped it: it is no process of .NET (or a native one, which has no such runtime)");

    private static Answer Ask(DataTarget target, Runtime runtime, Options options, List<string> notes)
    {
        string dac = runtime.FindDac(options.Dac, options.Sysroot);
        ClrInfo info = target.ClrVersions.FirstOrDefault() ?? throw new InputException(target.DataReader.DisplayName, "runtime", -1,
            "the runtime's own header in libcoreclr.so cannot be read: its pages are not there");
        // Of a build that was compared by us: what ClrMD takes for the version may be in a page that is not there.
        using ClrRuntime clr = info.CreateRuntime(dac, ignoreMismatch: true);
        return ClrFacts.Read(clr, runtime, dac, options.Types, notes);
    }

    private static int Tell(Answer answer, Options options, TextWriter output)
    {
        if (!options.Json)
            AnswerText.Write(output, answer);
        else
        {
            output.Flush();
            using Stream to = Console.OpenStandardOutput();
            AnswerJson.Write(to, answer);
            to.WriteByte((byte)'\n');
        }
        return answer.Notes.Count > 0 || answer.Threads.All(t => t.Frames.Count == 0) ? 1 : 0;
    }
}
