using Kdump.Diagnosis.Text;

namespace Kdump.Fleet.Scans;

/// <summary>A kernel's release with the numbers and the words of distributions; what a site added to it is replaced.</summary>
internal static class RedactedRelease
{
    private static readonly HashSet<string> Words = [.. """
        aarch64 amd64 amzn arch arm64 armv7l aws azure bpo cachyos cip cloud cm debug deb default desktop dirty el elrepo fc fips gcp generic gentoo
        gke hardened hwe i386 i586 i686 ibm kvm liquorix lp lowlatency lts mga microsoft mips64 next nvidia oem ol oracle pae parrot ppc64 ppc64le
        preempt pve raspi rc realtime riscv64 rockchip rpi rt s390x server sle smp std stable tegra uek v8 virtual wsl2 WSL2 x x86 xanmod zen
        linuxkit unraid Unraid talos flatcar cos ubuntu debian fedora centos rhel alpine suse slackware
        """.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries)];

    /// <param name="mark">What stands for a word.</param>
    public static string Of(string release, Func<string, string> mark) => WordByWord.Of(release, "", word =>
    {
        // el9, fc40, rc3, deb12u1.
        string letters = word.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9');
        return (letters.Length == 0 && word.Length <= 8) || Words.Contains(word) || Words.Contains(letters) ? word : mark(word);
    });
}
