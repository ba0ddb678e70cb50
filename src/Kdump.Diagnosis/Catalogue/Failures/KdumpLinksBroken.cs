namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class KdumpLinksBroken
{
    public static readonly Failure Entry = new("kdump-links-broken", "the links of kdump-tools do not lead to a kernel and its image")
    {
        Area = Area.Preparing,
        Signs = [new Sign("Invalid symlink : ", "Cannot change symbolic links when kdump is loaded",
            "/var/lib/kdump/initrd.img: broken symbolic link to ", "/var/lib/kdump/vmlinuz: broken symbolic link to ")],
        In = Life.First,
        Cause = "kdump-tools loads what the links in /var/lib/kdump name. " +
            "They cannot be changed while a crash kernel is loaded, so after an upgrade they may name a kernel that is gone.",
        Fixes = [new("Unload, make the links again, load", "kdump-config unload; kdump-config symlinks $(uname -r); kdump-config load",
            "no dump can be made in between")],
        Origin = "Debian kdump-config manage_symlinks(); sonic-net/sonic-utilities issue 3043",
    };
}
