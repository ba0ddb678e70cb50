using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>
/// Memory is reserved, but the kernel or kexec refused to load the crash kernel into it (kexec_load(2), kexec_file_load(2)).
/// </summary>
public sealed class KexecLoadRejected : Rule
{
    /// <summary>Words in the line → what they mean and what helps.</summary>
    private static readonly (string Sign, string Why, Fix Fix)[] Reasons =
    [
        ("unsigned images is restricted", "The kernel is locked down (secure boot) and takes only a signed image through kexec_file_load.",
            new("Load through the newer system call: KEXEC_ARGS=\"-s\" in /etc/sysconfig/kdump, and a signed kernel",
                "kexec -p -s /boot/vmlinuz-$(uname -r) --initrd=/boot/initramfs-$(uname -r)kdump.img --reuse-cmdline")),
        ("kexec_file_load failed: Operation not permitted",
            "The newer system call is refused as well: kernel.kexec_load_disabled is 1 (profiles for hardening set it, and it stays " +
            "until a reboot), the limit of kernel.kexec_load_limit_panic is reached, the caller is not root, or the kernel is locked " +
            "down and the image unsigned.",
            new("See which: 1 here forbids every kexec. Take the line out of the file that sets it, and reboot",
                "sysctl kernel.kexec_load_disabled kernel.kexec_load_limit_panic; grep -rs kexec_load /etc/sysctl.conf /etc/sysctl.d " +
                "/usr/lib/sysctl.d; cat /sys/kernel/security/lockdown", "a running system can then load another kernel again")),
        ("Operation not permitted",
            "The old system call is refused: secure boot and lockdown allow only kexec_file_load, and only root may load.",
            new("Load through the newer system call: KEXEC_ARGS=\"-s\" in /etc/sysconfig/kdump",
                "kexec -p -s /boot/vmlinuz-$(uname -r) --initrd=/boot/initramfs-$(uname -r)kdump.img --reuse-cmdline")),
        ("Required key not available", "The kernel image is not signed with a key that this kernel trusts.",
            new("Sign the crash kernel, or enrol its key (mokutil --import), or use the distribution's signed kernel")),
        ("Key was rejected", "The kernel image's signature is not from a key that this kernel trusts.",
            new("Sign the crash kernel, or enrol its key (mokutil --import), or use the distribution's signed kernel")),
        ("corrupted shared library", "The kernel could not parse the image's signature (ELIBBAD).",
            new("Use another build of the kernel, or the old system call where there is no lockdown: KEXEC_ARGS=\"-c\"")),
        ("free area of memory", "The kernel and its initramfs do not fit into the reserved memory.",
            new("Reserve more memory (crashkernel=), or make the image smaller (dracut_args --omit-drivers in /etc/kdump.conf)")),
        ("Cannot assign requested address",
            "The image does not lie inside the reserved memory, usually because it is too small or nothing is reserved.",
            new("Compare the size of kernel and kdump.img with /sys/kernel/kexec_crash_size, and raise crashkernel=")),
    ];

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
            "Could not find a free area of memory of 0x… bytes",
            "kexec: failed to load kdump kernel",
        ],
        Cause = "Secure boot allows only signed kernels and only kexec_file_load(2); kernel.kexec_load_disabled=1, which profiles for " +
            "hardening set, forbids both calls; the key is not in a trusted keyring; the kernel could not parse the signature (ELIBBAD); " +
            "or kernel and image do not fit into the reservation.",
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
        DumpProgress[] refusals = facts.Of<DumpProgress>().Where(p => p.Step == DumpStep.LoadRejected && p.Boot?.Capture != true).ToArray();
        if (refusals.Length == 0)
            yield break;
        (_, string? why, Fix? fix) =
            Reasons.FirstOrDefault(r => refusals.Any(p => p.Source.Text.Contains(r.Sign, StringComparison.Ordinal)));
        yield return new Finding(Id, "the crash kernel could not be loaded", Severity.Error, why is null ? 0.8 : 0.95,
            (why ?? "kexec refused it; the line gives its reason.") + " A crash now leaves no dump.")
        {
            CausedBy = ["crashkernel-not-reserved"],
            Fixes = fix is null ? [] : [fix],
            Evidence = refusals.Select(p => p.Source).Take(4).ToArray(),
        };
    }
}
