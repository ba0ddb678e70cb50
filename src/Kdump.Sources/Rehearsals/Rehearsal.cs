using System.Diagnostics;
using System.Globalization;
using Kdump.Formats.Bytes;

namespace Kdump.Sources.Rehearsals;

/// <summary>How a rehearsal ended.</summary>
/// <param name="Reached">How far it came: <c>nothing</c>, <c>loaded</c>, <c>crash kernel</c>, <c>target</c>, <c>dump</c>.</param>
/// <param name="Seconds">Of emulated life: they say nothing of the real machine's.</param>
/// <param name="Console">The console, from power on to the end.</param>
/// <param name="TimedOut">The limit ended it.</param>
public sealed record RehearsalEnd(string Reached, double Seconds, string Console, bool TimedOut)
{
    /// <summary>The dump on the scratch disk; null where it could not be looked for.</summary>
    public RehearsedDump? Dump { get; init; }
}

/// <summary>
/// One life of a kdump in QEMU: a first kernel that loads the real image as crash kernel into the real reservation and crashes, and what
/// comes of it on the serial console. Everything lies in a temporary folder that is removed.
/// </summary>
public sealed class Rehearsal(RehearsalPlan plan, Action<string> heard)
{
    private const string Qemu = "qemu-system-x86_64";

    /// <summary>The first kernel and its image beside the reservation.</summary>
    private const int FirstMegabytes = 768, DiskMegabytes = 512;

    private const int MaxConsole = 16 << 20;

    public RehearsalEnd Run()
    {
        string folder = Directory.CreateTempSubdirectory("kdt-rehearsal-").FullName;
        try
        {
            First(Path.Combine(folder, "first.img"));
            if (plan.FileSystem.Length > 0)
                RehearsalDisk.Make(plan, folder, Path.Combine(folder, "disk.img"), DiskMegabytes);
            RehearsalEnd end = Boot(folder);
            return plan.FileSystem.Length == 0 ? end
                : end with { Dump = RehearsedDump.Find(plan, Path.Combine(folder, "disk.img"), folder) };
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The initramfs of the first kernel: our /init, the kernel and the image to load.</summary>
    private void First(string path)
    {
        using var output = new FileStream(path, FileMode.CreateNew);
        var cpio = new CpioWriter(output);
        foreach (string name in new[] { "proc", "dev" })
            cpio.AddFolder(name);
        cpio.AddDevice("dev/console", 5, 1);
        cpio.AddFile("init", RehearsalPrograms.First(plan.CommandLine));
        foreach ((string name, string from) in new[] { ("vmlinuz", plan.Kernel), ("initrd", plan.Image) })
        {
            using var file = new FileStream(from, FileMode.Open, FileAccess.Read);
            cpio.AddFile(name, file);
        }
        cpio.End();
    }

    private IEnumerable<string> Arguments(string folder)
    {
        foreach (string word in new[] { "-machine", "q35", "-accel", plan.Kvm ? "kvm" : "tcg,thread=multi", "-cpu", plan.Kvm ? "host"
            : "max",
            "-smp", plan.Cpus.ToString(CultureInfo.InvariantCulture), "-m", $"{FirstMegabytes + plan.ReservedMegabytes}M", "-display",
                "none",
            "-monitor", "none", "-serial", "stdio", "-no-reboot", "-nodefaults", "-no-user-config", "-kernel", plan.Kernel, "-initrd",
            Path.Combine(folder, "first.img"), "-append",
            $"console=ttyS0,115200 no_timer_check loglevel=4 panic=-1 crashkernel={plan.ReservedMegabytes}M" })
            yield return word;
        if (plan.FileSystem.Length == 0)
            yield break;
        yield return "-drive";
        yield return $"file={Path.Combine(folder, "disk.img")},format=raw,if=none,id=target,cache=unsafe";
        foreach (string device in plan.Controller switch
        {
            "nvme" => new[] { "nvme,serial=rehearsal,drive=target" },
            "ahci" => ["ich9-ahci,id=hba", "ide-hd,bus=hba.0,drive=target"],
            "virtio-scsi" => ["virtio-scsi-pci,id=hba", "scsi-hd,bus=hba.0,drive=target"],
            "megasas" => ["megasas-gen2,id=hba", "scsi-hd,bus=hba.0,drive=target"],
            "pvscsi" => ["pvscsi,id=hba", "scsi-hd,bus=hba.0,drive=target"],
            _ => ["virtio-blk-pci,drive=target"],
        })
        {
            yield return "-device";
            yield return device;
        }
    }

    private RehearsalEnd Boot(string folder)
    {
        var start = new ProcessStartInfo(Qemu, Arguments(folder))
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false,
        };
        using Process process = Start(start);
        process.StandardInput.Close();
        var watch = Stopwatch.StartNew();
        var console = new System.Text.StringBuilder();
        var reached = new Stages();
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is null)
                return;
            lock (console)
            {
                if (console.Length < MaxConsole)
                    console.Append(line.Data).Append('\n');
            }
            if (reached.Hear(line.Data) is { } stage)
                heard($"{watch.Elapsed.TotalSeconds,5:0} s  {stage}");
        };
        var trouble = new System.Text.StringBuilder();
        process.ErrorDataReceived += (_, line) => trouble.Append(line.Data is null || trouble.Length > 4096 ? "" : line.Data + " ");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        bool ended = process.WaitForExit(plan.Limit);
        if (!ended)
            process.Kill(entireProcessTree: true);
        process.WaitForExit();
        if (console.Length == 0 && trouble.Length > 0)
            throw new InputException(Qemu, "start", -1, trouble.ToString().Trim());
        return new(reached.Last, watch.Elapsed.TotalSeconds, console.ToString(), !ended);
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new InputException(Qemu, "start", -1,
                "is not installed (Debian, Ubuntu: qemu-system-x86; RHEL: qemu-kvm; Fedora, SUSE: qemu-system-x86)");
        }
    }
}
