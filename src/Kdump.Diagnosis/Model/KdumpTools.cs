namespace Kdump.Diagnosis.Model;

/// <summary>Whose tools set a machine up for dumps.</summary>
public enum KdumpTools
{
    /// <summary>None that we know.</summary>
    None,

    /// <summary>kdump-utils of RHEL, Fedora and kin: kdumpctl, /etc/kdump.conf.</summary>
    RedHat,

    /// <summary>kdump-tools of Debian and Ubuntu: kdump-config, /etc/default/kdump-tools.</summary>
    Debian,

    /// <summary>openSUSE's and SLES's kdump: /etc/sysconfig/kdump, /usr/lib/kdump.</summary>
    Suse,
}
