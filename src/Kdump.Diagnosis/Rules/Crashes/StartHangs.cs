using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Speakers;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>The log ends while systemd waits for a job, so the start (or the shutdown) went no further.</summary>
public sealed class StartHangs : Rule
{
    /// <summary>Jobs take some seconds in every start; the lines appear from five seconds on.</summary>
    private const int Patient = 45;

    /// <summary>Fewer lines than this after the wait do not show that the start went on.</summary>
    private const int Behind = 4;

    /// <summary>Lines of the kernel so near before the last one about the job belong to what it waits for.</summary>
    private const int Near = 24;

    private const int MostWords = 100;

    /// <summary>What a job does, by a part of its description.</summary>
    private static readonly (string Part, string Why, string Command)[] Known =
    [
        ("etwork", "It waits until the network is up (or gives up after its own time): no cable, no address by DHCP, " +
            "an interface that is configured and not there, or a wait-online service of a network manager that is not used.",
            "ip -br addr; networkctl list; systemctl list-units '*wait-online*'"),
        ("network interfaces", "It brings up what /etc/network/interfaces names: DHCP gets no answer, or an interface is not there.",
            "ip -br link; grep -v '^#' /etc/network/interfaces"),
        ("udev", "It waits for all events of devices to be handled: a driver that loads hangs in its probe, or a rule does.",
            "udevadm settle --timeout=1; ps -eo pid,stat,wchan,args | grep -E 'udev|modprobe'; dmesg | tail -40"),
        ("initqueue", "The initramfs waits for the devices that it needs: root, LUKS, LVM, RAID, network.",
            "cat /proc/cmdline; ls /lib/dracut/hooks/initqueue/finished; blkid"),
        ("LVM", "Volumes are activated: a disk below does not answer, or lvmetad is configured and not there.",
            "lsblk; pvs -a; dmsetup info; dmesg | tail -40"),
        ("yptography Setup", "It waits for a passphrase, a key or the device of an encrypted volume.",
            "systemd-tty-ask-password-agent --list; blkid -t TYPE=crypto_LUKS; grep -v '^#' /etc/crypttab"),
        ("File System Check", "A file system is checked; on large disks that takes long, on failing ones without end.",
            "dmesg | tail -40; ps -eo pid,stat,args | grep fsck"),
        ("Hold until boot process", "It waits for the start's other jobs; the display manager takes the screen when they are done.",
            "systemctl list-jobs"),
        ("Kernel Modules", "A module does not finish loading: its driver hangs in its probe.", "dmesg | tail -40; lsmod | head"),
        ("loud-init", "cloud-init waits for its data source or for what it was told to run.", "cloud-init status --long; " +
            "tail -50 /var/log/cloud-init.log"),
        ("asskey", "Keys or passphrases are asked for.", "systemd-tty-ask-password-agent --list"),
    ];

    public override string Id => "start-hangs";

    public override Entry Entry => new(Id, "the start or the shutdown waits for a job, and the log ends there")
    {
        Area = Area.Crashing,
        Signature = ["A start job is running for … (2min 10s / no limit)", "A stop job is running for … (1min 30s / 1min 30s)"],
        Cause = "The unit does not become ready. Without a limit systemd waits indefinitely.",
        Fixes = [new("From another terminal (systemd.debug_shell on the command line gives one on tty9), check what it waits for",
            "systemctl list-jobs; journalctl -b -n 50")],
        Origin = "systemd src/core/manager.c manager_print_jobs_in_progress()",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (StartJob job in facts.Of<StartJob>().Where(j => j.Boot?.Capture != true && j.Seconds >= Patient &&
            !j.Job.Contains("dump", StringComparison.OrdinalIgnoreCase) && Ends(j, facts)))
        {
            string limit = job.Limit is null ? "no limit" : $"up to {job.Limit} s";
            Source[] kernel = KernelBefore(job, facts);
            bool drivers = Drivers.Any(d => job.Job.Contains(d, StringComparison.Ordinal));
            (string _, string? why, string? command) = Known.FirstOrDefault(k => job.Job.Contains(k.Part, StringComparison.Ordinal));
            yield return new Finding(Id, $"the {(job.Stop ? "shutdown waits for the end of" : "start waits for")} {job.Job}",
                job.Stop ? Severity.Warning : Severity.Error, 0.8,
                $"The log ends while systemd waits for it ({job.Seconds} s, {limit})." + (why is null ? "" : $" {why}") +
                (kernel.Length == 0 ? "" : $" Just before, the kernel said: \"{WordsBefore.Said(kernel[0], MostWords)}\".") +
                (job.Stop ? " It does not end when it is told to; at the limit it is killed." : ""))
            {
                Subject = job.Job,
                Evidence = [.. kernel, job.Source],
                Fixes = [.. Entry.Fixes, .. command is null ? Array.Empty<Fix>() : [new Fix("Look at what it waits for", command)]],
                CausedBy = ["unit-device-missing", "network-not-ready", "hung-task", "volume-not-activated", "encrypted-volume-locked",
                    .. drivers ? ["driver-probe-failed"] : Array.Empty<FindingRef>()],
            };
        }
    }

    /// <summary>Jobs that end when every driver has looked at its devices.</summary>
    private static readonly string[] Drivers = ["Kernel Modules", "udev"];

    /// <summary>The gravest lines that the kernel (no program) printed shortly before, oldest first.</summary>
    private static Source[] KernelBefore(StartJob job, Facts facts) => job.Stop ? [] :
        [.. StorageBefore.Kernels(job.Source, job.Boot, Near, facts).Where(t => t.By.First is not null)
            .OrderByDescending(t => t.By.Gravity).ThenBy(t => t.Line.Line).Select(t => t.Line).Take(2)];

    private static bool Ends(StartJob job, Facts facts) => facts.Of<TextLength>().Any(l => l.Source.Input == job.Source.Input &&
        l.Lines <= job.Source.Line + Behind);
}
