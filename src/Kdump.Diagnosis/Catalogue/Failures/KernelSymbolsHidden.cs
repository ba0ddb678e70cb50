namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class KernelSymbolsHidden
{
    public static readonly Failure Entry = new("kernel-symbols-hidden", "kexec could not find the running kernel in memory")
    {
        Area = Area.Preparing,
        Signs = [new Sign("Can't find kernel text map area from kcore", "Cannot determine kernel physical load addr")],
        In = Life.First,
        Explains = ["kexec-load-rejected"],
        Cause = "kexec reads the kernel's address from /proc/kallsyms and /proc/kcore. " +
            "With address randomisation and kernel.kptr_restrict=2 both hide it.",
        Fixes = [new("Make the addresses visible to root before kdump starts", "sysctl kernel.kptr_restrict=1",
            "addresses of the kernel can then be read by root")],
        Origin = "kexec-tools kexec/arch/i386/crashdump-x86.c; kdump-utils commit 50aa6de",
    };
}
