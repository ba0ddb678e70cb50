using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Kdump.Diagnosis.Text;
using Kdump.Formats.Bytes;

namespace Kdump.Sources.Rehearsals;

/// <summary>How a rehearsal ended.</summary>
/// <param name="Reached">How far it came: <c>nothing</c>, <c>loaded</c>, <c>crash kernel</c>, <c>target</c>, <c>dump</c>.</param>
/// <param name="Seconds">Seconds of emulation: the real machine needs other times.</param>
/// <param name="Console">The console, from power on to the end.</param>
/// <param name="TimedOut">The limit ended it.</param>
public sealed record RehearsalEnd(string Reached, double Seconds, string Console, bool TimedOut)
{
    /// <summary>The dump on the scratch disk; null where it could not be looked for.</summary>
    public RehearsedDump? Dump { get; init; }

    /// <summary>
    /// True if the rehearsal showed all that this plan can show: a dump that opens, or for a target on the network a connection to
    /// its port.
    /// </summary>
    public bool Shown(RehearsalPlan plan) => Reached == "dump" ? Dump is not { Trouble.Length: > 0 }
        : plan.Network is not null && Heard.Length > 0;

    /// <summary>What the crash kernel sent to the port of a target on the network; empty: no connection was made.</summary>
    public string Heard { get; init; } = "";

    /// <summary>The crash kernel's memory; null where the observer reported none.</summary>
    public RehearsalMemory? Memory { get; init; }
}

/// <summary>
/// One run of kdump in QEMU: a first kernel loads the real image as crash kernel into a reservation of the real size and crashes;
/// the result is read from the serial console. All files are in a temporary folder that is removed.
/// </summary>
public sealed class Rehearsal(RehearsalPlan plan, Action<string> said)
{
    private const string Qemu = "qemu-system-x86_64";

    /// <summary>RHEL has it under another name.</summary>
    private static readonly string[] Names = [Qemu, "/usr/libexec/qemu-kvm", "qemu-kvm"];

    /// <summary>Megabytes for the first kernel and its image, besides the reservation.</summary>
    private const int FirstMegabytes = 768;

    private const int MaxConsole = 16 << 20;

    private volatile bool stopped;

    public RehearsalEnd Run()
    {
        if (HostProgram.Find(Names) is null)
            throw new InputException(Qemu, "start", -1,
                "is not installed (Debian, Ubuntu: qemu-system-x86; RHEL: qemu-kvm; Fedora, SUSE: qemu-system-x86)");
        // If the user stops it, QEMU is ended and the disk is removed.
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop),
            terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop), hangUp = PosixSignalRegistration.Create(
                PosixSignal.SIGHUP, Stop);
        string folder = Temporary();
        try
        {
            string disk = Path.Combine(folder, "disk.img");
            if (plan.HasDisk)
                RehearsalDisk.Make(plan, folder, disk);
            RehearsalEnd end = Live(folder, observed: true);
            if (end.Console.Contains(RehearsalPrograms.NoInit, StringComparison.Ordinal))
                end = Live(folder, observed: false);
            return end with
            {
                Dump = plan.HasDisk ? RehearsedDump.Find(plan, disk, folder, end.Reached == "dump") : null,
                Memory = RehearsalMemory.Read(Path.Combine(folder, "memory")),
            };
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private void Stop(PosixSignalContext signal)
    {
        signal.Cancel = true;
        stopped = true;
    }

    private static string Temporary()
    {
        try
        {
            return Directory.CreateTempSubdirectory("kdt-rehearsal-").FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(Path.GetTempPath(), "temporary files", -1,
                "no folder can be made there: set TMPDIR to a folder with room for the image, twice, and the scratch disk");
        }
    }

    private RehearsalEnd Live(string folder, bool observed)
    {
        Image(Path.Combine(folder, "initrd.img"), observed);
        First(folder, plan.CommandLine + (observed ? $" rdinit=/{RehearsalPrograms.ObserverName}" : ""));
        return Boot(folder);
    }

    /// <summary>The image unchanged, followed by a segment with the observer and what the network of the rehearsal needs.</summary>
    private void Image(string path, bool observed)
    {
        using var output = new FileStream(path, FileMode.Create);
        using (var image = new FileStream(plan.Image, FileMode.Open, FileAccess.Read))
            image.CopyTo(output);
        if (!observed && plan.Network is null)
            return;
        while (output.Length % 4 != 0)
            output.WriteByte(0);
        var cpio = new CpioWriter(output);
        if (observed)
            cpio.AddFile(RehearsalPrograms.ObserverName,
                RehearsalPrograms.Observer(CommandLine.Parse(plan.CommandLine).Last("rdinit") ?? "/init"));
        plan.Network?.AddFiles(cpio);
        cpio.End();
    }

    /// <summary>The initramfs of the first kernel: our /init, the kernel and the image to load.</summary>
    private void First(string folder, string commandLine)
    {
        using var output = new FileStream(Path.Combine(folder, "first.img"), FileMode.Create);
        var cpio = new CpioWriter(output);
        foreach (string name in new[] { "proc", "dev" })
            cpio.AddFolder(name);
        cpio.AddDevice("dev/console", 5, 1);
        cpio.AddFile("init", RehearsalPrograms.First(commandLine));
        foreach ((string name, string from) in new[] { ("vmlinuz", plan.Kernel), ("initrd", Path.Combine(folder, "initrd.img")) })
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
        yield return "-debugcon";
        yield return "file:" + Path.Combine(folder, "memory");
        foreach (string word in RehearsalDevices.Arguments(plan.Devices).Concat(plan.Network?.Arguments(folder) ?? []))
            yield return word;
        if (!plan.HasDisk)
            yield break;
        string controller = plan.Raw?.Controller ?? plan.Controller;
        int disks = plan.Raw?.Disks ?? 0;
        for (int i = 0; i <= disks; i++)
        {
            yield return "-drive";
            yield return i < disks ? $"if=none,id=before{i},driver=null-co,size=16M,read-zeroes=on"
                : $"file={Path.Combine(folder, "disk.img")},format=raw,if=none,id=target,cache=unsafe";
        }
        // Some controllers take several disks and are added once, others are added for each disk; all in the target's slot, after
        // the other devices.
        string? bus = controller switch
        {
            "ahci" => "ich9-ahci,id=hba,addr=1e.0", "virtio-scsi" => "virtio-scsi-pci,id=hba,addr=1e.0",
            "megasas" => "megasas-gen2,id=hba,addr=1e.0", "pvscsi" => "pvscsi,id=hba,addr=1e.0", _ => null,
        };
        if (bus is not null)
        {
            yield return "-device";
            yield return bus;
        }
        for (int i = 0; i <= disks; i++)
        {
            string drive = i < disks ? $"before{i}" : "target", place = $"addr=1e.{i}" + (i == 0 && disks > 0 ? ",multifunction=on" : "");
            yield return "-device";
            yield return controller switch
            {
                "ahci" => $"ide-hd,bus=hba.{i},drive={drive}",
                "virtio-scsi" or "megasas" or "pvscsi" => $"scsi-hd,bus=hba.0,scsi-id={i},drive={drive}",
                "nvme" => $"nvme,serial=rehearsal{i},drive={drive},{place}",
                _ => $"virtio-blk-pci,disable-legacy=on,drive={drive},{place}",
            };
        }
    }

    private RehearsalEnd Boot(string folder)
    {
        var start = new ProcessStartInfo(HostProgram.Find(Names) ?? Qemu, Arguments(folder))
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false,
        };
        using Process process = Process.Start(start)!;
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
                said($"{watch.Elapsed.TotalSeconds,5:0} s  {stage}");
        };
        var trouble = new System.Text.StringBuilder();
        process.ErrorDataReceived += (_, line) => trouble.Append(line.Data is null || trouble.Length > 4096 ? "" : line.Data + " ");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        bool ended = false, connected = false;
        while (!ended && !connected && !stopped && watch.Elapsed < plan.Limit)
        {
            ended = process.WaitForExit(TimeSpan.FromSeconds(1));
            connected = plan.Network is not null && RehearsalNetwork.Heard(folder).Length > 0;
        }
        // Lines about the connection may still come.
        if (connected && !ended)
            ended = process.WaitForExit(TimeSpan.FromSeconds(5));
        if (!ended)
            process.Kill(entireProcessTree: true);
        process.WaitForExit();
        if (stopped)
            throw new InputException("the rehearsal", "end", -1, "was stopped by a signal: it shows nothing");
        string heard = plan.Network is null ? "" : RehearsalNetwork.Heard(folder);
        if (console.Length == 0 && trouble.Length > 0)
            throw new InputException(Qemu, "start", -1, trouble.ToString().Trim());
        return new(heard.Length > 0 && reached.Last is not "dump" ? "target" : reached.Last, watch.Elapsed.TotalSeconds,
            console.ToString(), !ended && heard.Length == 0) { Heard = heard };
    }
}
