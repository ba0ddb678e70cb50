namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class SshTargetRefusesKey
{
    public static readonly Failure Entry = new("ssh-target-refuses-key", "the dump cannot be sent by ssh: the server refuses kdump's " +
        "key, or its host key is unknown")
    {
        Area = Area.Preparing,
        Signs =
        [
            new Sign("you probably need to run \"kdumpctl propagate\"", "kdump*Host key verification failed",
                "kdump*Permission denied (publickey", "nor found by 'ssh-keygen -F"),
        ],
        Explains = ["vmcore-incomplete"],
        Cause = "The key of kdump is not in the server's authorized_keys, or the server's host key is not the one the image knows.",
        Fixes =
        [
            new("RHEL, Fedora: copy the ssh key to the server and rebuild the image", "kdumpctl propagate && kdumpctl restart"),
            new("SUSE: name the host key in KDUMP_HOST_KEY in /etc/sysconfig/kdump", "systemctl restart kdump"),
        ],
        Origin = "kdump-utils kdumpctl check_and_wait_network_ready(), commit 72ed976; openSUSE kdump dracut/module-setup.sh",
    };
}
