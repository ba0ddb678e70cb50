using System.CommandLine;
using Kdump.Cli.Reports;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Evidence.Images;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Rules;
using Kdump.Diagnosis.Rules.Images;
using Kdump.Formats.Bytes;
using Kdump.Sources.Cases;
using Kdump.Sources.Hosts;
using Kdump.Sources.Inputs;
using Kdump.Sources.Rehearsals;
using Kdump.Sources.Trees;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt host rehearse</c>: boots the crash kernel in QEMU with the real image, command line and reservation.</summary>
internal static class HostRehearseCommand
{
    public static Command Build(Context context)
    {
        var root = new Option<string>("--root") { Description = "The machine: / or a folder that kdt host collect wrote",
            DefaultValueFactory = _ => "/" };
        var image = new Option<string?>("--image") { Description = "Use this kdump image instead of the machine's own" };
        var kernel = new Option<string?>("--kernel") { Description = "Use this kernel instead of the machine's /boot/vmlinuz-RELEASE" };
        Option<int?> memory = Numbers.Whole("--memory", "Reserve this many megabytes instead of what the machine reserves");
        var line = new Option<string?>("--cmdline") { Description = "Use this command line for the crash kernel instead of the " +
            "configured one" };
        Option<int?> limit = Numbers.Whole("--limit", "Stop the rehearsal after this many seconds (default 900)", 1);
        var kvm = new Option<bool>("--kvm") { Description = "Use KVM instead of emulation (faster; needs /dev/kvm)" };
        var console = new Option<string?>("--console") { Description = "Save the console output in this file" };
        var json = new Option<bool>("--json") { Description = "Print the result as JSON" };
        var command = new Command("rehearse",
            "Rehearse a crash in QEMU: boots a first kernel, loads the real image with the real command line into the reserved amount " +
                "of memory, crashes it, and reports whether a dump is written or where it stops. Changes nothing on this machine; " +
                "requires QEMU and mkfs.\n\nExample: kdt host rehearse --image /boot/initramfs-$(uname -r)kdump.img")
        { root, image, kernel, memory, line, limit, kvm, console, json };
        command.SetAction(parsed => Run(context, parsed.GetValue(root)!, parsed.GetValue(image), parsed.GetValue(kernel),
            parsed.GetValue(memory), parsed.GetValue(line), parsed.GetValue(limit) ?? 900, parsed.GetValue(kvm), parsed.GetValue(console),
            parsed.GetValue(json)));
        return command;
    }

    private static int Run(Context context, string rootPath, string? imagePath, string? kernelPath, int? memory, string? line, int limit,
        bool kvm, string? consolePath, bool json)
    {
        MachineTree root = RootArgument.Open(rootPath);
        Facts facts = HostCollector.Collect(root, imagePath, context.Error, line);
        RootNote.Tell(context, root, facts);
        string image = imagePath ?? (facts.Of<ExpectedImage>() is [{ State: ExpectedImageState.There } expected, ..]
            ? root.Shown(root.Resolve(expected.Path)!)
                : throw new InputException(rootPath, "image", -1, "not found: give it with --image"));
        string kernel = kernelPath ?? (facts.Of<MachineKernel>() is [var k, ..] && root.IsFile($"/boot/vmlinuz-{k.Release}")
            ? root.Shown(root.Resolve($"/boot/vmlinuz-{k.Release}")!)
            : throw new InputException(rootPath, "kernel", -1, "not found: give it with --kernel"));
        if (!File.Exists(kernel) || !File.Exists(image))
            throw new InputException(File.Exists(kernel) ? image : kernel, "file", -1, "is not there");
        RehearsalPlan plan = RehearsalPlanner.Make(root, facts, kernel, image, memory, line,
            TimeSpan.FromSeconds(Math.Clamp(limit, 10, 86400)),
            kvm);
        if (!json)
            HostRehearseReport.Plan(context.Output, plan);
        RehearsalEnd end = new Rehearsal(plan, said => context.Error.WriteLine(said)).Run();
        if (consolePath is not null)
            File.WriteAllText(consolePath, end.Console);
        Verdict verdict = Judge(end).For(DumpTools.Of(facts));
        if (json)
            HostRehearseReport.Json(context.Output, plan, end, verdict);
        else
            HostRehearseReport.End(context.Output, plan, end, verdict, context.Terminal);
        return end.Reached == "dump" && end.Dump is not { Trouble.Length: > 0 } ? ExitCode.Fine : ExitCode.Found;
    }

    /// <summary>Judges the console output like that of a real crash.</summary>
    private static Verdict Judge(RehearsalEnd end)
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory("kdt-console-").FullName, "console.log");
        try
        {
            File.WriteAllText(file, end.Console);
            Case read = Case.Read([file], () => Stream.Null);
            return Verdict.From(read.Facts, RuleBook.All);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        }
    }
}
