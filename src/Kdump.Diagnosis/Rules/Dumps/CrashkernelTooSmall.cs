using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>
/// crashkernel= reserves less than this crash kernel and its image need. The proof is that the crash kernel ran out of memory; it
/// is never inferred from the size alone.
/// </summary>
public sealed class CrashkernelTooSmall : Rule
{
    private const long KiBPerMiB = 1024;

    public override string Id => "crashkernel-too-small";

    public override Entry Entry => new("crashkernel-too-small", "the crash kernel has too little memory")
    {
        Area = Area.Starting,
        Signature = ["Memory: …K/…K available, and then an OOM kill, or \"Initramfs unpacking failed: write error\""],
        Cause = "The reservation must hold the kernel, its image packed and unpacked, and the memory of drivers. Known large users: " +
            "network cards of the mlx5 kind (up to 350 MB), graphics drivers, RDMA (200 MB), the bounce buffer of SME and SEV " +
            "(64 MB), per-CPU data of many CPUs, hwdb (13 MB), clevis (11 MB), all keymaps where /etc/vconsole.conf is missing, " +
            "kfence on 64K pages (32 MB), device dumps (novmcoredd prevents them), memory hot-plug that maps all RAM (acpi_no_memhotplug).",
        Fixes =
        [
            new("Reserve more", "kdumpctl reset-crashkernel --kernel=ALL", "needs a reboot"),
            new("Or leave out drivers that the dump does not need: dracut_args --omit-drivers in /etc/kdump.conf",
                "kdumpctl rebuild && kdumpctl restart"),
        ],
        Origin = "kdump-utils commits a65dde2, 77a0246, 1732a3b, 4841bc6, 27df338, 0fc7e88, f758448, ddb0bab, ff32968 and 1065b91; " +
            "openSUSE kdump 95378d3",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        Fact[] proofs = facts.Of<OutOfMemory>().Select(o => (Fact)o)
            .Concat(facts.Of<InitramfsUnpackFailed>().Where(u => u.Reason == "write error"))
            .Where(f => f.Boot?.Capture == true).ToArray();
        if (proofs.Length == 0)
            yield break;
        Boot boot = proofs[0].Boot!;
        MemoryAtBoot? memory = facts.Of<MemoryAtBoot>().FirstOrDefault(m => m.Boot == boot);
        DumpProgress? reserved = facts.Of<DumpProgress>().LastOrDefault(p => p.Step == DumpStep.Reserved && p.Boot == boot.Previous);
        long mib = memory is null ? 0 : memory.TotalKiB / KiBPerMiB;
        // Suggest 50 % more, rounded to usual steps; the text says that it is only a next attempt.
        long next = Math.Max(256, (mib + (mib / 2) + 127) / 128 * 128);
        yield return new Finding(Id, mib == 0 ? "the memory reserved for the crash kernel is too small"
            : $"the crash kernel has only {mib} MB of memory", Severity.Error, 0.9,
            (memory is null ? ""
                : $"Of {mib} MB it had {memory.AvailableKiB / KiBPerMiB} MB left when it started, " +
                "before it unpacked its initramfs and loaded drivers. ") +
            (proofs.Any(p => p is OutOfMemory) ? "That was not enough: it ran out of memory."
                : "That was not enough: the initramfs did not fit."))
        {
            Reckoning = memory is null ? [] : [Reckoned.Bytes("memory of the crash kernel", mib << 20),
                Reckoned.Bytes("free when it started", memory.AvailableKiB << 10, "before it unpacked its initramfs and loaded drivers")],
            Fixes =
            [
                .. CrashKernelOption.Reservation(next, "the next step; kdump-probe in the crash kernel shows how much is left"),
                new Fix("Or make the image smaller: leave out drivers and firmware the dump does not need " +
                    "(omit graphics and fast network drivers, dracut_args --omit-drivers in /etc/kdump.conf)",
                    "kdumpctl rebuild && kdumpctl restart"),
                .. boot.CpuLimit is > 1 and var cpus
                    ? new[] { new Fix($"Or use fewer CPUs, if interrupt vectors allow it: nr_cpus={cpus} needs memory for each CPU") } : [],
            ],
            Evidence = new[] { memory?.Source, reserved?.Source }.Known().Concat(proofs.Select(p => p.Source).Take(2)).ToArray(),
        };
    }
}
