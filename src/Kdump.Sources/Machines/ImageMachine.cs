using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Text;
using Kdump.Sources.Images;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Machines;

/// <summary>
/// Facts about the machine that an image is judged against: kernel, reservation, command line of the crash kernel, what changed.
/// </summary>
public static class ImageMachine
{
    /// <summary>The kernel that ran on the machine; null if no file tells it.</summary>
    public static MachineKernel? Running(MachineTree root)
    {
        foreach (string path in new[] { "/proc/sys/kernel/osrelease", "/proc/version", "/sos_commands/kernel/uname_-a", "/uname" })
        {
            if (root.Text(path) is not { Length: > 0 } text)
                continue;
            string[] words = text.Split(' ');
            string? release = path.EndsWith("osrelease", StringComparison.Ordinal) ? words[0]
                : words.FirstOrDefault(w => w.Length > 3 && char.IsAsciiDigit(w[0]) && w.Contains('.'));
            if (release is not null)
                return new(Source.Of(root.Shown(path), text.Split('\n')[0], 1), release);
        }
        return null;
    }

    public static void Kernel(MachineTree root, Facts facts)
    {
        if (Running(root) is { } running)
            facts.Add(running);
        foreach (string path in new[] { "/proc/cpuinfo", "/proc/version" })
        {
            if (MachineArchitecture.In(root.Text(path) ?? "") is not var (architecture, number, line))
                continue;
            facts.Add(new MachineArchitecture(Source.Of(root.Shown(path), line, number), architecture));
            break;
        }
        if (MachineArchitecture.IsArm64(facts))
            PageSize(root, facts);
        const string vendor = "/sys/class/dmi/id/sys_vendor";
        if (root.Text(vendor) is { Length: > 0 } name)
            facts.Add(new MachineVendor(Source.Of(root.Shown(vendor), name, 1), name));
    }

    /// <summary>
    /// arm64: the huge page that one entry of a page middle directory maps, unless another is the default; else the kernel's configuration.
    /// </summary>
    private static void PageSize(MachineTree root, Facts facts)
    {
        string[] lines = (root.Text("/proc/meminfo") ?? "").Split('\n');
        int at = Array.FindIndex(lines, l => l.StartsWith("Hugepagesize:", StringComparison.Ordinal));
        if (at >= 0 && root.Text("/proc/cmdline") is { } line && CommandLine.Parse(line).Last("default_hugepagesz") is null)
        {
            string[] words = lines[at].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            int bytes = words is [_, var size, ..] ? size switch { "2048" => 4096, "32768" => 16384, "524288" => 65536, _ => 0 } : 0;
            if (bytes > 0)
            {
                facts.Add(new MachinePageSize(Source.Of(root.Shown("/proc/meminfo"), lines[at], at + 1), bytes));
                return;
            }
        }
        if (facts.Of<MachineKernel>() is not [var kernel, ..])
            return;
        var own = new Facts();
        KernelFile.Configuration(root, kernel.Release, own);
        foreach (KernelOption option in own.Of<KernelOption>().Where(o => o.Value == "y"))
        {
            int bytes = option.Name switch { "ARM64_4K_PAGES" => 4096, "ARM64_16K_PAGES" => 16384, "ARM64_64K_PAGES" => 65536, _ => 0 };
            if (bytes > 0)
                facts.Add(new MachinePageSize(option.Source, bytes));
        }
    }

    /// <summary>Reads the configuration of the image's kernel, if the machine has it.</summary>
    public static void Configuration(MachineTree root, IReadOnlyList<string> releases, Facts facts)
    {
        string release;
        if (releases.Count > 0)
            release = releases[0];
        else
            release = facts.Of<MachineKernel>() is [var machine, ..] ? machine.Release : "";
        KernelFile.Configuration(root, release, facts);
    }

    /// <summary>Whether the kernel accepts only signed modules, and the line that says so.</summary>
    public static void Signatures(MachineTree root, Facts facts)
    {
        const string Lockdown = "/sys/kernel/security/lockdown";
        if (root.Text(Lockdown) is { } text &&
            (text.Contains("[integrity]", StringComparison.Ordinal) || text.Contains("[confidentiality]", StringComparison.Ordinal)))
            facts.Add(new SignatureDemand(Source.Of(root.Shown(Lockdown), text, 1)));
        foreach (CaptureParameter p in facts.Of<CaptureParameter>()
            .Where(p => p.Name is "module.sig_enforce" && p.Value is null or "1" or "y" or "Y" || p.Name == "lockdown" &&
            p.Value is "integrity" or "confidentiality"))
            facts.Add(new SignatureDemand(p.Source));
        foreach (KernelOption option in facts.Of<KernelOption>().Where(o => o.Name == "MODULE_SIG_FORCE" && o.Value == "y"))
            facts.Add(new SignatureDemand(option.Source));
    }

    public static void Reservation(MachineTree root, Facts facts)
    {
        if (Fadump.IsOn(root))
        {
            if (Fadump.Memory(root) is { } kept)
                facts.Add(kept);
            return;
        }
        var own = new Facts();
        PhysicalMemory? listed = root.Parse("/proc/iomem", new Iomem(), own) && own.Of<PhysicalMemory>() is [.., { SystemRam: > 0 } memory]
            ? memory : null;
        if (root.Text("/sys/kernel/kexec_crash_size") is { } text && long.TryParse(text, out long size))
        {
            var source = Source.Of(root.Shown("/sys/kernel/kexec_crash_size"), text, 1);
            facts.Add(size > 0 ? Whole(source, size, listed, root.Text("/proc/cmdline") ?? "") : new CrashReservation(source, size));
            return;
        }
        // Without root rights /proc/iomem shows zeros; if it has ranges and none is for a crash kernel, then nothing is reserved.
        if (listed is not null)
        {
            facts.Add(new CrashReservation(listed.CrashKernel > 0 ? listed.Source
                : new Source(root.Shown("/proc/iomem"), "System RAM, and no Crash kernel in it"), listed.CrashKernel));
            return;
        }
        if (root.Text("/proc/cmdline") is { Length: > 0 } line && CommandLine.Parse(line) is var parsed &&
            parsed.Last("crashkernel") is null && parsed.Last("fadump") is null)
            facts.Add(new CrashReservation(Source.Of(root.Shown("/proc/cmdline"), line, 1), 0));
    }

    /// <summary>
    /// kexec_crash_size has the main range only (kernel/kexec_core.c crash_get_memory_size); the crash kernel also has the one below 4 GB
    /// of
    /// <c>crashkernel=SIZE,low</c>, and the pages of <c>crashkernel=SIZE,cma</c> (since 6.17).
    /// </summary>
    private static CrashReservation Whole(Source source, long main, PhysicalMemory? listed, string line)
    {
        long low = 0, cma = 0;
        foreach (KernelParameter p in CommandLine.Parse(line).Parameters.Where(p => p is { Name: "crashkernel", Value: not null }))
        {
            if (p.Value!.Split(',') is [var amount, "low" or "cma"] parts && CrashkernelSize.Of(amount, long.MaxValue) is { } bytes)
                (low, cma) = parts[1] == "low" ? (bytes, cma) : (low, bytes);
        }
        return listed is { CrashRanges: > 1 } && listed.CrashKernel > main + low
            ? new(listed.Source, listed.CrashKernel + cma) { Cma = cma } : new(source, main + low + cma) { Cma = cma };
    }

    /// <summary>
    /// Checks whether the files that an image was built from have changed: by content if the image has a copy, otherwise by time.
    /// </summary>
    public static void Changes(ImageView view, MachineTree root, long built, IReadOnlyList<string> releases, Facts facts)
    {
        foreach (string path in new[] { "/etc/kdump.conf", "/etc/sysconfig/kdump" })
        {
            if (view.Text(path) is not { } copy || root.Text(path) is not { } now)
                continue;
            // kdump-utils rewrites the copy (comments go, the target becomes an id), so settings are compared, not bytes.
            if (path == "/etc/kdump.conf" && Settings(copy).Except(Settings(now)).Concat(Settings(now).Except(Settings(copy)))
                .FirstOrDefault(s => !IsRewritten(s)) is { } changed)
                facts.Add(new SourceChanged(new Source(root.Shown(path), changed), path, true, "setting"));
        }
        if (built == 0)
            return;
        IEnumerable<string> sources =
            new[] { "/etc/kdump.conf", "/etc/sysconfig/kdump", "/etc/default/kdump-tools", "/etc/fstab", "/etc/dracut.conf",
            "/etc/initramfs-tools/initramfs.conf", "/etc/initramfs-tools/modules", "/root/.ssh/kdump_id_rsa", "/root/.ssh/known_hosts" }
            .Concat(Below(root, "/etc/dracut.conf.d")).Concat(Below(root, "/etc/kdump/pre.d")).Concat(Below(root, "/etc/kdump/post.d"))
                .Concat(Below(root, "/etc/kdump/emergency.d"))
            .Concat(Below(root, "/etc/NetworkManager/system-connections")).Concat(Below(root, "/etc/modprobe.d"))
            .Concat(releases.Select(r => $"/lib/modules/{r}/modules.dep")).Concat(releases.Select(r => $"/boot/vmlinuz-{r}"));
        foreach (string path in sources)
        {
            long when = root.Modified(path);
            if (when > built + 60)
                facts.Add(new SourceChanged(new Source(root.Shown(path),
                    $"modified {UtcTime.Second(when)}, the image {UtcTime.Second(built)}"), path, false,
                    "time"));
        }
    }

    private static IEnumerable<string> Below(MachineTree root, string folder) => root.List(folder).Select(n => $"{folder}/{n}");

    private static HashSet<string> Settings(string text) =>
        [.. text.Split('\n').Select(l => string.Join(' ', l.Split('#')[0].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)))
            .Where(l => l.Length > 0)];

    /// <summary>Lines that the builder rewrites: the target by its persistent id, bind mounts, options for the build only.</summary>
    private static bool IsRewritten(string setting)
    {
        string name = setting.Split(' ')[0];
        return name is "dracut_args" or "path" or "raw" or "ssh" or "sshkey" or "nfs" or "force_rebuild" or "force_no_rebuild" or
            "auto_reset_crashkernel" or "ext2" or "ext3" or "ext4" or "xfs" or "btrfs" or "minix" or "virtiofs";
    }
}
