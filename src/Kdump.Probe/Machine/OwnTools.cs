using Kdump.Diagnosis.Model;

namespace Kdump.Probe.Machine;

/// <summary>
/// Whose kdump built the image, or works in the root, that the probe runs in: each leaves its own files there (kdump-utils kdumpbase,
/// openSUSE/kdump's dracut module, kdump-tools). Fixes for others are left out.
/// </summary>
internal static class OwnTools
{
    private static readonly (string Path, KdumpTools Tools)[] Marks =
    [
        ("/kdump/kdump-save", KdumpTools.Suse), ("/usr/lib/kdump/kdump-save", KdumpTools.Suse),
        ("/etc/default/kdump-tools", KdumpTools.Debian), ("/conf/initramfs.conf", KdumpTools.Debian),
        ("/etc/kdump.conf", KdumpTools.RedHat),
    ];

    public static KdumpTools Of(Root root)
    {
        foreach ((string path, KdumpTools tools) in Marks)
        {
            if (root.Exists(path))
                return tools;
        }
        return KdumpTools.None;
    }
}
