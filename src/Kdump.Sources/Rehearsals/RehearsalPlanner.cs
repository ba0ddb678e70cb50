using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Images;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Archives;
using Kdump.Formats.Bytes;
using Kdump.Formats.Elf;
using Kdump.Sources.Images;
using Kdump.Sources.Machines;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Rehearsals;

/// <summary>Makes a plan out of what was collected of a machine and its image.</summary>
public static class RehearsalPlanner
{
    private static readonly string[] Always =
    [
        "real firmware, and the state of the hardware after a crash", "the IOMMU's state after a real crash",
        "memory encryption", "the real disk controller and its driver, if QEMU uses another", "how long a dump of the real memory takes",
    ];

    private const int MaxProgram = 64 << 20;

    /// <summary>
    /// The emulated timer may be too slow for the kernel's check of it. What the kernel says is the evidence, and quiet or loglevel= of the
    /// machine's own line would hide it.
    /// </summary>
    private const string Added = " no_timer_check ignore_loglevel";

    /// <param name="kernel">The kernel's file on this machine.</param>
    /// <param name="megabytes">Of the reservation; null: what the machine reserves.</param>
    public static RehearsalPlan Make(MachineTree root, Facts facts, string kernel, string image, int? megabytes, string? commandLine,
        TimeSpan limit, bool kvm)
    {
        Bootable(kernel);
        var notShown = new List<string>(Always);
        bool debian = facts.Of<KdumpSetup>() switch
        {
            [{ Tools: not KdumpTools.None } setup, ..] => setup.Tools,
            _ when facts.Of<ImageSummary>() is [var s, ..] => s.Tools,
            _ => KdumpTools.None,
        } == KdumpTools.Debian;
        string line = commandLine ?? string.Join(' ', facts.Of<CaptureParameter>().Select(p => p.Value switch
        {
            null => p.Name,
            _ when p.Value.Contains(' ') => $"{p.Name}=\"{p.Value}\"",
            _ => $"{p.Name}={p.Value}",
        }));
        if (line.Length == 0)
            throw new InputException(root.Name, "the crash kernel's command line", -1, "is not configured: give it with --cmdline");
        // The last console is /dev/console, so it must be the one that is read.
        if (!line.Split(' ').LastOrDefault(w => w.StartsWith("console=", StringComparison.Ordinal), "").StartsWith("console=ttyS0",
            StringComparison.Ordinal))
            line += " console=ttyS0,115200";
        long reserved;
        if (megabytes is { } mb)
            reserved = (long)mb << 20;
        else if (facts.Of<CrashReservation>() is [{ Bytes: > 0 } r, ..])
            reserved = r.Bytes - r.Cma;
        else
            throw new InputException(root.Name, "reservation", -1, "is not known: give it with --memory");
        DumpTarget? target = Target(root, facts, debian);
        var plan = new RehearsalPlan
        {
            Kernel = kernel, Image = image, CommandLine = line + Added,
                ReservedMegabytes = (int)Math.Min(reserved >> 20, 16384),
            Limit = limit, Kvm = kvm, Target = target, NotShown = notShown, PlaysRoot = debian,
            RootFiles = debian ? Programs(root) : [],
        };
        Func<string, bool> inImage = Modules(image).Contains;
        var own = new Facts();
        var follow = new ImageTargets(root, own);
        if (target is not null)
            follow.Follow(target, null);
        HashSet<string> way = [.. own.Of<TargetPath>().SelectMany(p => p.Devices)];
        plan = plan with { Devices = RehearsalDevices.Of(root, way, out int others) };
        if (others > 0)
            notShown.Add($"{others} PCI functions that QEMU has nothing like");
        if (target is null or { Kind: TargetKind.Other })
        {
            notShown.Add(target is null ? "the dump target: none is known" : $"the dump target {target.Spec}: QEMU has nothing like it");
            return plan;
        }
        if (target.Kind is TargetKind.Nfs or TargetKind.Ssh)
            return plan with { Network = RehearsalPlanNetwork.Make(root, facts, target, inImage, notShown) };
        string controller = Controller(own, inImage, notShown);
        if (target.Kind == TargetKind.Raw)
        {
            notShown.Add($"whether {target.Spec} is the same partition in the crash kernel: the rehearsal has one of that name");
            return plan with
            {
                Raw = RehearsalPartition.Of(target.Spec, controller) ??
                    throw new InputException(target.Spec, "raw target", -1, "is not a name that a disk of QEMU has"),
            };
        }
        DeviceReference device = target.Device;
        string? node = follow.NodeOf(target);
        string type;
        if (target.FileSystem.Length > 0)
            type = target.FileSystem;
        else
            type = node is null ? "" : follow.TypeOf(node)?.Type ?? "";
        if (type.Length == 0)
            throw new InputException(target.Spec, "file system", -1, "is not known: no file in the machine's tree shows it");
        if (device.Kind is not (ReferenceKind.Uuid or ReferenceKind.Label))
            notShown.Add($"whether {target.Spec} is that name in the crash kernel: the rehearsal's disk has another place");
        notShown.Add("what stands between the file system and its disk (partitions, LVM, LUKS, multipath)");
        return plan with
        {
            FileSystem = type,
            // An id of this machine's disk, which may not be the one that the image waits for.
            Uuid = own.Of<TargetIdAbsent>() switch
            {
                [{ Kind: "UUID" } absent, ..] => absent.Known.FirstOrDefault() ?? "",
                _ when device.Kind == ReferenceKind.Uuid => device.Value,
                _ => "",
            },
            Label = device.Kind == ReferenceKind.Label ? device.Value : "",
            Controller = controller,
        };
    }

    /// <summary>
    /// Checks that QEMU and kexec_file_load can start the kernel: Documentation/arch/x86/boot.rst,
    /// Documentation/arch/arm64/booting.rst.
    /// </summary>
    private static void Bootable(string kernel)
    {
        byte[] head = new byte[4096];
        using (FileSource file = FileSource.Open(kernel))
            head = head[..file.Read(0, head)];
        if (head.Length > 0x206 && head.AsSpan(0x202, 4).SequenceEqual("HdrS"u8))
            return;
        bool arm = head.Length > 60 && head.AsSpan(56, 4).SequenceEqual("ARM\x64"u8);
        string reason;
        if (arm || head.AsSpan().StartsWith("MZ\0\0zimg"u8))
            reason = "is not of x86-64: kernels of other architectures cannot be rehearsed";
        else if (head.AsSpan().IndexOf(".linux\0\0"u8) >= 0)
            reason = "is a unified kernel image: " +
                "take the kernel out of it (objcopy -O binary --only-section=.linux) and give that with --kernel";
        else
            reason = "is not a kernel of x86-64: it has no header of the boot protocol";
        throw new InputException(kernel, "kernel", -1, reason);
    }

    /// <summary>Modules that the image holds; those built into the kernel count where the image says which they are.</summary>
    private static HashSet<string> Modules(string path)
    {
        using BootImage image = BootImage.Open(path);
        var found = new HashSet<string>(StringComparer.Ordinal);
        var view = new ImageView(image, image.Root);
        bool any = false;
        foreach (ImageNode node in image.Root.Root.All())
        {
            any |= node.IsFile;
            if (ImageModules.NameOf(node.Name) is { } module)
                found.Add(module);
            else if (node.Name == "modules.builtin")
                found.UnionWith((view.Text(node.Path) ?? "").Split('\n').Select(l => ImageModules.NameOf(l[(l.LastIndexOf('/') + 1)..]))
                    .OfType<string>());
        }
        if (!any)
            throw new InputException(path, "image", -1, "holds no file: it is no initramfs, or nothing of it can be unpacked");
        return found;
    }

    /// <summary>The dump target in the image; for kdump-tools the root file system.</summary>
    private static DumpTarget? Target(MachineTree root, Facts facts, bool debian)
    {
        DumpTarget? named = facts.Of<DumpTarget>().FirstOrDefault(t => t.Kind == TargetKind.FileSystem) ??
            facts.Of<DumpTarget>().FirstOrDefault(t => t.Kind is not TargetKind.Wait && t.Spec.Length > 0);
        if (named is not null && !debian)
            return named;
        var fstab = new Facts();
        root.Parse("/etc/fstab", new Fstab(FstabScope.Root), fstab);
        return fstab.Of<DumpTarget>().FirstOrDefault() ?? named;
    }

    /// <summary>QEMU's controller for the driver with which the machine reaches its target.</summary>
    private static string Controller(Facts own, Func<string, bool> inImage, List<string> notShown)
    {
        (string Module, string Controller)[] table =
        [
            ("virtio_blk", "virtio-blk"), ("nvme", "nvme"), ("ahci", "ahci"), ("virtio_scsi", "virtio-scsi"), ("megaraid_sas", "megasas"),
            ("vmw_pvscsi", "pvscsi"),
        ];
        foreach (TargetDriver driver in own.Of<TargetDriver>())
        {
            if (Array.Find(table, t => t.Module == driver.Module) is { Controller: { } known })
                return known;
        }
        // Another controller that the image has a driver for; without one, the driver of the real disk may still be all that the
        // image needs.
        if (Array.Find(table, t => inImage(t.Module)) is { Controller: { } other })
        {
            notShown.Add($"the disk's controller: QEMU has none like it, or none is known; {other} stands in for it");
            return other;
        }
        throw new InputException("the image", "disk driver", -1, "has none for a disk that QEMU could play (virtio_blk, nvme, ahci, " +
            "virtio_scsi, megaraid_sas, vmw_pvscsi): this image cannot be rehearsed");
    }

    /// <summary>makedumpfile of this machine (or tree) and the libraries that it is linked to.</summary>
    private static List<(string Path, string From)> Programs(MachineTree root)
    {
        var files = new List<(string Path, string From)>();
        string? program = new[] { "/usr/bin/makedumpfile", "/usr/sbin/makedumpfile" }.FirstOrDefault(root.IsFile);
        string from = program is null ? new[] { "/usr/bin/makedumpfile", "/usr/sbin/makedumpfile" }.FirstOrDefault(File.Exists)
            ?? throw new InputException("makedumpfile", "the substitute root", -1, "is neither in the machine's tree nor on this machine")
            : root.Shown(root.Resolve(program)!);
        files.Add(("/usr/bin/makedumpfile", from));
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var work = new Queue<string>([from]);
        string prefix = program is null || root.Name == "/" ? "" : root.Name.TrimEnd('/');
        while (work.TryDequeue(out string? file) && seen.Count < 64)
        {
            var elf = ElfLinkage.Read(ReadAll(file), file);
            if (elf.Interp is { } interpreter && seen.Add(interpreter))
                files.Add((interpreter, Real(prefix, interpreter)));
            foreach (string library in elf.Needed.Where(seen.Add))
            {
                string? at = new[] { "/lib/x86_64-linux-gnu/", "/usr/lib/x86_64-linux-gnu/", "/lib64/", "/usr/lib64/", "/lib/",
                    "/usr/lib/" }
                    .Select(f => Real(prefix, f + library)).FirstOrDefault(File.Exists);
                if (at is null)
                    throw new InputException(library, "the substitute root", -1, "makedumpfile needs it, but it is missing");
                files.Add(("/usr/lib/" + library, at));
                // ld.so searches /lib and /usr/lib on every distribution.
                files.Add(("/lib/" + library, at));
                work.Enqueue(at);
            }
        }
        return files;
    }

    private static string Real(string prefix, string path) => prefix + path;

    private static byte[] ReadAll(string path) => new FileInfo(path).Length > MaxProgram
        ? throw new InputException(path, "size", -1, "too large for a program") : File.ReadAllBytes(path);
}
