using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Machines;

/// <summary>
/// Where distributions keep a kernel's file and its configuration: in /boot, beside the modules (SUSE since usrmerge, ostree), in a folder
/// of kernel-install, in a deployment of ostree, or inside a unified kernel image. Authority: kdump-utils kdump-lib.sh
/// prepare_kdump_kernel, openSUSE/kdump mkdumprd.
/// </summary>
public static class KernelFile
{
    private static readonly string[] Names = ["vmlinuz", "vmlinux", "Image", "image"], Boots = ["/boot", "/boot/efi", "/efi"];

    /// <summary>Every path that the kernel of a release may have, likely ones first.</summary>
    public static IEnumerable<string> Places(MachineTree root, string release)
    {
        foreach (string name in Names)
            yield return $"/boot/{name}-{release}";
        foreach (string modules in new[] { "/usr/lib/modules/", "/lib/modules/" })
        {
            foreach (string name in Names)
                yield return $"{modules}{release}/{name}";
        }
        foreach (string deployment in root.List("/boot/ostree"))
            yield return $"/boot/ostree/{deployment}/vmlinuz-{release}";
        if (root.Text("/etc/machine-id") is { Length: > 0 } id)
        {
            foreach (string boot in Boots)
                yield return $"{boot}/{id}/{release}/linux";
        }
        foreach (string folder in Boots.Select(b => b + "/EFI/Linux"))
        {
            foreach (string name in root.List(folder).Where(n => n == release + ".efi" ||
                n.EndsWith($"-{release}.efi", StringComparison.Ordinal)))
                yield return $"{folder}/{name}";
        }
    }

    public static string? Find(MachineTree root, string release) => Places(root, release).FirstOrDefault(root.IsFile);

    /// <summary>Reads a kernel's configuration from the first of the places where distributions keep it.</summary>
    public static void Configuration(MachineTree root, string release, Facts facts) =>
        _ = Array.Exists(ConfigPlaces(release), p => root.Parse(p, new KernelConfig(), facts));

    /// <summary>Where distributions keep the configuration of a kernel.</summary>
    public static string[] ConfigPlaces(string release) => [$"/boot/config-{release}", $"/lib/modules/{release}/config",
        $"/usr/lib/modules/{release}/config", $"/lib/modules/{release}/build/.config"];
}
