using System.Globalization;
using Kdump.Diagnosis.Catalogue.Tools;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>
/// Memory is reserved, but the kernel or kexec refused to load the crash kernel into it (kexec_load(2), kexec_file_load(2)).
/// </summary>
public sealed class KexecLoadRejected : Rule
{
    /// <summary>A piece of less than this is not refused for lack of room in a reservation of usual size.</summary>
    private const ulong SmallPiece = 1 << 20;

    /// <summary>Further apart than any reservation is long: one of the pieces lies elsewhere.</summary>
    private const ulong FarApart = 1UL << 29;

    private const int NearLines = 60;

    /// <summary>Said by programs that start another kernel at once: systemctl kexec, petitboot, u-root.</summary>
    private static readonly string[] OfBoot = ["SYS_kexec_", "kexec syscall failed", "kexec_file_load() failed", "ESP partition mount",
        "Couldn't find EFI system", "No kexec kernel loaded and"];

    public override string Id => "kexec-load-rejected";

    public override Entry Entry => new("kexec-load-rejected", "the crash kernel could not be loaded")
    {
        Area = Area.Preparing,
        Signature =
        [
            "kexec_load failed: Operation not permitted",
            "kexec_file_load failed: Operation not permitted",
            "Lockdown: kexec: kexec of unsigned images is restricted",
            "kexec_file_load failed: Required key not available",
            "kexec_file_load failed: Key was rejected by service",
            "kexec_file_load failed: Accessing a corrupted shared library",
            "kexec_load failed: Cannot assign requested address",
            "Cannot determine the file type of …",
            "Could not find a free area of memory of 0x… bytes",
            "kexec: failed to load kdump kernel",
        ],
        Cause = "Secure boot allows only signed kernels and only kexec_file_load(2); kernel.kexec_load_disabled=1, which profiles for " +
            "hardening set, forbids both calls; the key is not in a trusted keyring; the kernel could not parse the signature (ELIBBAD); " +
            "kexec-tools does not know the format of the kernel; a piece lies outside the reservation (EADDRNOTAVAIL); or kernel " +
            "and image " +
            "do not fit into it.",
        Fixes =
        [
            new("Load through the newer system call: KEXEC_ARGS=\"-s\" in /etc/sysconfig/kdump", "kdumpctl restart"),
            new("Sign the kernel, or enrol its key", "mokutil --import KEY.der", "needs a reboot and the console"),
            new("No room: raise crashkernel=, or make the image smaller"),
        ],
        Origin = "kexec-tools kexec.c, kernel/kexec_file.c, security/lockdown; kdump-utils commit 4fa17b2",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        ToolSaid[] said = facts.Of<ToolSaid>().Where(p => p.Message.Stage == ToolStage.Loading && p.Boot?.Capture != true).ToArray();
        ToolSaid[] refusals = said.Where(s => s.Message.Mark is not (KexecMessages.Note or KexecMessages.NoFileLoad)).ToArray();
        if (refusals.Length == 0)
            yield break;
        // A remark counts only beside a refusal: other programs say such things as well.
        said = [.. said.Where(s => s.Message.Mark != KexecMessages.Note ||
            refusals.Any(r => r.Source.Input != s.Source.Input || Math.Abs(r.Source.Order - s.Source.Order) <= NearLines))];
        ToolSaid? reason = said.Where(s => s.Message.Mark is not (KexecMessages.Consequence or KexecMessages.NoFileLoad) &&
            (s.Message.Means.Length > 0 || s.Message.Mark.Length > 0)).MinBy(s => Array.IndexOf(ToolMessages.All, s.Message)) ??
            said.FirstOrDefault(s => s.Message.Means.Length > 0);
        DumpService service = DumpServices.Of(facts);
        bool crashed = facts.Of<ToolCrash>().Any(c => c.Program == "kexec");
        // kexec -l starts another kernel at once: no crash kernel, no reservation.
        bool plain = service == DumpService.Unknown && !facts.Of<KexecTyped>().Any(t => t.Panic) &&
            (facts.Of<KexecTyped>().Any(t => !t.Panic) || refusals.All(r => OfBoot.Any(b => r.Source.Text.Contains(b,
            StringComparison.Ordinal))));
        (string why, Fix[] fixes) = reason is null ? (crashed
            ? "The kernel refused nothing: kexec itself was ended by a signal."
            : "kexec refused it; no line here gives its reason.", [ByHand(service)]) : Explain(reason, facts, service, plain);
        yield return new Finding(Id, plain ? "kexec could not load the kernel" : "the crash kernel could not be loaded", Severity.Error,
            reason is null ? 0.8 : 0.95, why + (plain ? "" : " A crash now leaves no dump."))
        {
            CausedBy = ["crashkernel-not-reserved", "dump-tool-crashed", "selinux-denies-kdump", "kdump-image-missing"],
            Fixes = fixes,
            Evidence = [.. said.Where(s => s.Message.Mark != KexecMessages.NoFileLoad).OrderByDescending(s => s == reason)
                .Select(s => s.Source).Take(4), .. Places(reason, facts)],
        };
    }

    private static (string Why, Fix[] Fixes) Explain(ToolSaid reason, Facts facts, DumpService service, bool plain)
    {
        switch (reason.Message.Mark)
        {
            case KexecMessages.NoPlace:
                return NoPlace(reason, facts, plain);
            case KexecMessages.Outside:
                return Outside(facts);
            case KexecMessages.OldCallRefused:
                // A kernel without the newer call cannot be locked down into it, and advice to use it leads nowhere.
                bool only = facts.Of<ToolSaid>().Any(s => s.Message.Mark == KexecMessages.NoFileLoad);
                return (only ? reason.Means + " This kernel's configuration has no kexec_file_load (CONFIG_KEXEC_FILE is not set), so -s " +
                    "is no " +
                    "way out." : reason.Means,
                    [.. DumpServices.Fitting(reason, service), .. only ? Array.Empty<Fix>() : [
                        new Fix(service == DumpService.KdumpTools
                            ? "With secure boot load through the newer system call: KDUMP_KEXEC_ARGS=\"-s\" in /etc/default/kdump-tools"
                            : "With secure boot load through the newer system call: KEXEC_ARGS=\"-s\" in /etc/sysconfig/kdump",
                            plain ? "kexec -s -l /boot/vmlinuz-$(uname -r) --initrd=/boot/initramfs-$(uname -r).img --reuse-cmdline"
                                : DumpServices.Reload(service))]]);
            default:
                return (reason.Means, [.. DumpServices.Fitting(reason, service)]);
        }
    }

    /// <summary>kexec looked for a free stretch itself, before it asked the kernel.</summary>
    private static (string Why, Fix[] Fixes) NoPlace(ToolSaid reason, Facts facts, bool plain)
    {
        ulong? asked = Hex(reason.Taken[0]);
        ulong reserved = facts.Of<CrashRange>()
            .Aggregate(0UL, (sum, r) => r.Last > r.First ? sum + Math.Min(r.Last - r.First, 1UL << 50) : sum);
        string piece = asked is null ? "one of its pieces" : $"a piece of {Size(asked.Value)}";
        Fix newer = new("Install a newer kexec-tools; its debug output shows where it looks",
            "kexec --version; kexec -d -p /boot/vmlinuz-$(uname -r) " +
            "--reuse-cmdline 2>&1 | tail -40");
        if (plain)
        {
            return ($"kexec found no free area of memory for {piece}. It loads into ordinary memory here (-l), so nothing that is " +
                $"reserved for a " +
                "crash kernel is concerned: the memory map that it reads leaves no range where this format may lie (under Xen it " +
                "reads the " +
                "hypervisor's), which is a matter of kexec-tools.",
                [new Fix("Compare what it reads with what there is, and try a newer kexec-tools",
                    "kexec -d -l FILE 2>&1 | head -60; grep 'System RAM' " +
                    "/proc/iomem; kexec --version")]);
        }
        if (asked is { } bytes && (reserved > 0 ? bytes < reserved / 8 : bytes < SmallPiece))
        {
            return ($"kexec found no free area of memory for {piece}" + (reserved > 0 ? $", although {Size(reserved)} are reserved" : "") +
                ": not the amount is the trouble but the place. It wants this piece (often the device tree, behind the initrd at the end " +
                    "of the " +
                "reservation) where nothing is left, which is a fault of kexec-tools.",
                [newer, new Fix("Or make the initramfs smaller, or reserve a larger stretch, so that the places shift",
                    "ls -l /boot/*kdump* /var/lib/kdump/; cat /sys/kernel/kexec_crash_size")]);
        }
        return ("The kernel and its initramfs do not fit into the reserved memory" + (reserved > 0 ? $" ({Size(reserved)})" : "") +
            $": no free " +
            $"area of memory for {piece}.",
            [new Fix("Reserve more memory (crashkernel=), or make the image smaller (dracut_args --omit-drivers in /etc/kdump.conf)",
                "cat /sys/kernel/kexec_crash_size; ls -l /boot/*kdump* /var/lib/kdump/")]);
    }

    /// <summary>The kernel compares every piece with the reservation (sanity_check_segment_list) and gives EADDRNOTAVAIL.</summary>
    private static (string Why, Fix[] Fixes) Outside(Facts facts)
    {
        KexecSegment[] segments = [.. facts.Of<KexecSegment>().DistinctBy(s => s.Number)];
        CrashRange[] ranges = [.. facts.Of<CrashRange>()];
        Fix compare = new("Compare where kexec puts the pieces with where memory is reserved",
            "grep -i 'crash kernel' /proc/iomem; kexec -d -p /boot/vmlinuz-$(uname -r) --reuse-cmdline 2>&1 | grep segment");
        KexecSegment? stray = ranges.Length > 0
            ? segments.FirstOrDefault(s => !ranges.Any(r => s.Address >= r.First && s.Address <= r.Last))
            : segments.Length < 2 ? null : Farthest(segments);
        if (stray is null)
        {
            return ("A piece of the image does not lie inside the reserved memory, or nothing is reserved (EADDRNOTAVAIL).",
                [compare,
                    new Fix("Compare the size of kernel and image with what is reserved, and raise crashkernel= where they do not fit",
                    "cat /sys/kernel/kexec_crash_size; ls -l /boot/*kdump* /var/lib/kdump/")]);
        }
        return ($"Piece {stray.Number} goes to address 0x{stray.Address:x}, outside the reservation" +
            (ranges.Length > 0 ? $" (0x{ranges[0].First:x} - 0x{ranges[0].Last:x})" : ", in which the others lie") +
            (stray.Number == 0 ? ". It is the kernel itself, at the address for which it was linked: it is not relocatable " +
                "(CONFIG_RELOCATABLE), or this kexec-tools does not move a kernel of this format. The size of the reservation does not " +
                    "matter."
                : "."),
            [new Fix(
                "Use a relocatable kernel (CONFIG_RELOCATABLE=y), one that was linked for the crash kernel's address, or a newer " +
                "kexec-tools",
                "grep -E 'RELOCATABLE|PHYSICAL_START|CRASH_DUMP' /boot/config-$(uname -r); kexec --version"), compare]);
    }

    /// <summary>The one piece that is far from all others.</summary>
    private static KexecSegment? Farthest(KexecSegment[] segments)
    {
        (KexecSegment Segment, ulong Nearest)[] all = [.. segments.Select(s => (s, segments.Where(o => o != s)
            .Min(o => o.Address > s.Address ? o.Address - s.Address : s.Address - o.Address))).OrderByDescending(p => p.Item2)];
        return all[0].Nearest > FarApart && all[0].Nearest / 2 > all[1].Nearest ? all[0].Segment : null;
    }

    private static IEnumerable<Source> Places(ToolSaid? reason, Facts facts) => reason?.Message.Mark is KexecMessages.Outside
        ? facts.Of<KexecSegment>().DistinctBy(s => s.Number).Select(s => s.Source).Take(3)
            .Concat(facts.Of<CrashRange>().Select(r => r.Source).Take(2))
        : reason?.Message.Mark is KexecMessages.NoPlace ? facts.Of<CrashRange>().Select(r => r.Source).Take(2) : [];

    private static Fix ByHand(DumpService service) => new("See kexec's own words, which the service leaves out: load it by hand",
        (service == DumpService.KdumpTools
            ? "kexec -d -p /var/lib/kdump/vmlinuz --initrd=/var/lib/kdump/initrd.img --reuse-cmdline"
            : "kexec -d -p /boot/vmlinuz-$(uname -r) --initrd=/boot/initramfs-$(uname -r)kdump.img --reuse-cmdline") +
        " 2>&1 | tail -40; dmesg | tail -20");

    private static ulong? Hex(string text) =>
        ulong.TryParse(text.AsSpan(text.StartsWith("0x", StringComparison.Ordinal) ? 2 : 0), NumberStyles.AllowHexSpecifier,
            CultureInfo.InvariantCulture, out ulong value) ? value : null;

    private static string Size(ulong bytes) => bytes < 1 << 20 ? $"{(bytes + 1023) >> 10} KiB" : $"{(bytes + (1 << 19)) >> 20} MiB";
}
