using System.CommandLine;
using System.Text;
using Kdump.Cli.Reports;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Rules;
using Kdump.Diagnosis.Rules.Hosts;
using Kdump.Diagnosis.Rules.Images;
using Kdump.Formats.Bytes;
using Kdump.Sources.Cases;
using Kdump.Sources.Hosts;
using Kdump.Sources.Inputs;
using Kdump.Sources.Machines;
using Kdump.Sources.Rehearsals;
using Kdump.Sources.Trees;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt host rehearse</c>: boots the crash kernel in QEMU with the real image, command line and reservation.</summary>
internal static class HostRehearseCommand
{
    public static Command Build(Context context)
    {
        var root = new Option<string>("--root") { Description = RootOption.Description, DefaultValueFactory = _ => "/" };
        var image = new Option<string?>("--image") { Description = "The kdump image, instead of the machine's own" };
        var kernel = new Option<string?>("--kernel") { Description = "The kernel's file, instead of the machine's /boot/vmlinuz-RELEASE" };
        Option<int?> memory = Numbers.Whole("--memory", "Megabytes to reserve, instead of what the machine reserves", 16);
        var line = new Option<string?>("--cmdline") { Description = "The crash kernel's command line, instead of what is configured" };
        Option<int?> disk = Numbers.Whole("--disk", "Megabytes of the scratch disk (default 512)", 16);
        var record = new Option<bool>("--record") { Description =
            "Keep the report in /var/lib/kdt/rehearsals of the machine, for kdt host history" };
        Option<int?> limit = Numbers.Whole("--limit", "Seconds after which the rehearsal is aborted (default 900)", 1);
        var kvm = new Option<bool>("--kvm") { Description = "Use KVM instead of emulation (faster; needs /dev/kvm)" };
        var console = new Option<string?>("--console") { Description = "Save the console output in this file" };
        var json = new Option<bool>("--json") { Description = "Print the result as JSON" };
        var command = new Command("rehearse",
            "Rehearse a crash in a virtual machine: QEMU boots a first kernel, " +
                "loads the real image with the real command line into the real amount of memory, crashes it, " +
                "and reports whether a dump is written or where it stops. Changes nothing on this machine; " +
                "needs QEMU and mkfs.\n\nExample: kdt host rehearse --image /boot/initramfs-$(uname -r)kdump.img")
        { root, image, kernel, memory, line, disk, limit, kvm, console, record, json };
        command.SetAction(parsed => Run(context, parsed.GetValue(root)!, parsed.GetValue(image), parsed.GetValue(kernel),
            parsed.GetValue(memory), parsed.GetValue(line), parsed.GetValue(limit) ?? 900, parsed.GetValue(kvm), parsed.GetValue(console),
            parsed.GetValue(json), Math.Min(parsed.GetValue(disk) ?? 512, 1 << 20), parsed.GetValue(record)));
        return command;
    }

    private static int Run(Context context, string rootPath, string? imagePath, string? kernelPath, int? memory, string? line, int limit,
        bool kvm, string? consolePath, bool json, int disk, bool record)
    {
        MachineTree root = RootArgument.Open(rootPath);
        Facts facts = HostCollector.Collect(root, imagePath, context.Error, line);
        RootNote.Tell(context, root, facts);
        string image = imagePath ?? (facts.Of<ExpectedImage>() is [{ State: ExpectedImageState.There } expected, ..]
            ? root.Shown(root.Resolve(expected.Path)!)
                : throw new InputException(rootPath, "image", -1, "not found: give it with --image"));
        string? release = HostSetup.Wanted(root, facts, DumpTools.Of(facts)) ?? facts.Of<MachineKernel>().FirstOrDefault()?.Release;
        string kernel = kernelPath ?? (release is not null && KernelFile.Find(root, release) is { } file ? root.Shown(root.Resolve(file)!)
            : throw new InputException(rootPath, "kernel", -1, "not found: give it with --kernel"));
        if (!File.Exists(kernel) || !File.Exists(image))
            throw new InputException(File.Exists(kernel) ? image : kernel, "file", -1, "is not there");
        RehearsalPlan plan = RehearsalPlanner.Make(root, facts, kernel, image, memory, line,
            TimeSpan.FromSeconds(Math.Clamp(limit, 10, 86400)),
            kvm) with
        {
            DiskMegabytes = disk, Release = facts.Of<MachineKernel>() is [var running, ..] ? running.Release : "", ImageHash = Hash(image),
        };
        // A file that cannot be written is reported before the long run, not after it.
        using FileStream? console = consolePath is null ? null : OutputFile.Open(consolePath, "--console");
        if (!json)
            HostRehearseReport.Plan(context.Output, plan, context.Terminal.Words);
        RehearsalEnd end = new Rehearsal(plan, said => context.Error.WriteLine(said)).Run();
        if (console is not null)
        {
            console.Write(Encoding.UTF8.GetBytes(end.Console));
            console.Flush();
        }
        Verdict verdict = context.Said(Judge(end).For(DumpTools.Of(facts)), json);
        Finding[] foretold = [.. context.Said(Verdict.From(facts, HostRuleBook.All).For(DumpTools.Of(facts)), json).Findings
            .Where(f => f.Severity >= Severity.Warning)];
        if (json)
            HostRehearseReport.Json(context.Output, plan, end, verdict, foretold);
        else
            HostRehearseReport.End(context.Output, plan, end, verdict, foretold, context.Terminal);
        if (record)
            Record(context, rootPath, plan, end, verdict, foretold);
        return end.Shown(plan) ? ExitCode.Fine : ExitCode.Found;
    }

    /// <summary>Keeps the report where <c>kdt host history</c> looks for it.</summary>
    private static void Record(Context context, string root, RehearsalPlan plan, RehearsalEnd end, Verdict verdict, Finding[] foretold)
    {
        string folder = root.TrimEnd('/') + PastRehearsals.Folder;
        Directory.CreateDirectory(folder);
#pragma warning disable RS0030 // The record of a rehearsal is named by its time
        string path = Path.Combine(folder, $"{DateTime.UtcNow:yyyyMMdd-HHmmss}-{plan.ImageHash[..12]}.json");
#pragma warning restore RS0030
        using (var file = new StreamWriter(path))
            HostRehearseReport.Json(file, plan, end, verdict, foretold);
        context.Error.WriteLine($"kept in {path}");
    }

    private static string Hash(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read);
        return PastRehearsals.Hash(file);
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
