namespace Kdump.Diagnosis.Model;

/// <summary>The package of tools that sets up a machine for dumps.</summary>
public enum KdumpTools
{
    /// <summary>No known tools.</summary>
    None,

    /// <summary>kdump-utils of RHEL, Fedora and related distributions: kdumpctl, /etc/kdump.conf.</summary>
    RedHat,

    /// <summary>kdump-tools of Debian and Ubuntu: kdump-config, /etc/default/kdump-tools.</summary>
    Debian,

    /// <summary>openSUSE's and SLES's kdump: /etc/sysconfig/kdump, /usr/lib/kdump.</summary>
    Suse,
}
