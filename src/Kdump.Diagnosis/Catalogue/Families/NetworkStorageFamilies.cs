namespace Kdump.Diagnosis.Catalogue.Families;

/// <summary>Storage on other machines: NFS, SMB, Ceph, iSCSI, NBD, DRBD.</summary>
internal static class NetworkStorageFamilies
{
    private static readonly Fix[] Reach =
    [
        new("Check whether the server is up and reachable, and the network interface's errors and link",
            "ping {0}; ip -s link"),
        new("On the server, check the service, the disks and the load"),
    ];

    private static readonly Fix[] Peer = [new("Check the machine at the other end, and the network between", "ip -s link")];

    private static readonly Fix[] CephNodes =
    [
        new("Check the Ceph nodes, not this machine", "ceph -s; ceph osd tree; ceph health detail"),
    ];

    public static readonly Family Silent = new("network-storage-silent", "a storage server on the network does not answer")
    {
        Area = Area.Crashing,
        Confidence = 0.9,
        CausedBy = ["nic-transmit-stuck"],
        Explains = ["hung-task"],
        Unless = new Sign("nfs: server {e} OK", "lockd: server {e} OK", "libceph*: {w} up", "libceph: {w} *session established"),
        Cause = "Processes that read or write there wait for it; the disks of this machine are not involved.",
        Fixes = Reach,
        Tellings =
        [
            new("nfs: server {e} not responding, timed out", "NFS server {1} does not answer: requests were given up",
                "The mount is soft: programs get errors, and data may be lost."),
            new("nfs: server {e} not responding", "NFS server {1} does not answer",
                "The mount is hard: programs that use it wait until the server, or the network to it, is back."),
            new("lockd: server {e} not responding", "NFS lock server {1} does not answer"),
            new("NFS: state manager: {e} failed on NFSv4 server {e} with error {w}", "NFS server {2}: {1} failed (error {3})")
                { Subject = 2 },
            new("NFS: nfs4_reclaim_open_state: Lock reclaim failed!", "locks on an NFS server were lost") { Subject = 0,
                Fixes = [new("Restart the programs that held them; find out why the server or the network was unreachable")] },
            new("VFS: \\\\{e} has not responded in {w} seconds", "SMB server {1} has not answered for {2} seconds"),
            new("VFS: Server {e} has not responded in {w} seconds", "SMB server {1} has not answered for {2} seconds"),
            new("libceph*: {w} down", "Ceph's {1} is down: I/O that needs it waits or is redirected") { Fixes = CephNodes,
                Holds = t => t[0].StartsWith("osd", StringComparison.Ordinal) || t[0].StartsWith("mon", StringComparison.Ordinal) },
            new("libceph: {w} *session lost, hunting for new mon", "the session with Ceph's {1} was lost") { Fixes = CephNodes,
                Severity = Severity.Warning },
            new("libceph: {w} *socket closed (con state {e})", "the connection to Ceph's {1} was closed") { Fixes = CephNodes,
                Severity = Severity.Warning, Times = 2 },
            new("libceph: {w} *connect error", "Ceph's {1} cannot be reached") { Fixes = CephNodes, Times = 2 },
            new("libceph: connect {e} error {w}", "Ceph's node at {1} cannot be reached (error {2})") { Fixes = CephNodes,
                Severity = Severity.Warning },
            new("libceph: {w} *socket error on {w}", "the connection to Ceph's {1} broke (on {2})") { Fixes = CephNodes,
                Severity = Severity.Warning },
            new("libceph: {w} *missing feature set", "this kernel is too old for Ceph's {1}: it lacks features that the cluster requires")
                { Fixes = [new("Use a newer kernel, or the cluster's setting for older clients (tunables, require-min-compat-client)")] },
            new("libceph: {w} *wrong peer at address", "another daemon answers at the address of Ceph's {1}") { Fixes = CephNodes,
                Severity = Severity.Warning },
            new("ceph: {w} hung", "Ceph's {1} does not answer") { Fixes = CephNodes },
            new("ceph: {w} caps went stale", "Ceph's {1} did not answer in time") { Fixes = CephNodes, Severity = Severity.Warning },
            new("can't bind conn {w}:{w} to session {w}, retcode {w} ({w})",
                "iSCSI connection {1}:{2} cannot be brought back (session {3}, error {4})",
                "The iSCSI daemon (iscsid) tries again and again and is refused by the kernel: what uses the disks of this session waits.")
                { Times = 2, Fixes = [new("Check the network to the target, and the target", "iscsiadm -m session -P 3"),
                    new("If the target answers: log out of this session and in again, and update open-iscsi",
                        "iscsiadm -m session -r {3} -u", "its disks go away meanwhile")] },
            new("connection{w}:{w}: detected conn error ({w})", "iSCSI connection {1}:{2} broke (error {3})",
                "1020 is a connection closed by the other side, 1022 a ping (NOP) without an answer: network or target.")
                { Many = "iSCSI connections broke", Fixes = [new("Check the network to the target, and the target",
                    "iscsiadm -m session -P 3")] },
            new("Kernel reported iSCSI connection {w}:{w} error ({w} - {e})", "iSCSI connection {1}:{2} broke (error {3}, {4})")
                { Fixes = [new("Check the network to the target, and the target", "iscsiadm -m session -P 3")] },
            new("Kernel reported iSCSI connection {w}:{w} error ({w}) state", "iSCSI connection {1}:{2} broke (error {3})")
                { Fixes = [new("Check the network to the target, and the target", "iscsiadm -m session -P 3")] },
            new("session{w}: session recovery timed out after {w} secs", "iSCSI session {1} was given up after {2} s: its disks fail now")
                { Many = "iSCSI connections broke",
                    Fixes = [new("Check the network to the target, and the target", "iscsiadm -m session -P 3")] },
            new("block nbd{w}: Connection timed out", "the server of nbd{1} does not answer") { Fixes = Peer },
            new("block nbd{w}: Receive control failed (result {w})", "the connection of nbd{1} broke (result {2})") { Fixes = Peer },
            new("nbd{w}: Possible stuck request", "a request of nbd{1} is not answered") { Fixes = Peer },
            new("drbd {e}: PingAck did not arrive in time", "DRBD's peer does not answer ({1})") { Fixes = Peer },
            new("drbd {e}: We did not send a P_BARRIER for {w}", "DRBD sent nothing to its peer for {2} ({1})",
                "Its own thread on this machine is blocked: see what it waits for (its disk, its activity log), not the peer."),
            new("drbd*quorum( yes -> no )", "DRBD lost its quorum and blocks all I/O") { Subject = 0,
                Fixes = [new("Check the peers and the network between them; I/O continues when quorum is back",
                    "drbdadm status; ip -s link")] },
            new("drbd {e}: conn( Connected -> {w} )", "DRBD lost its peer ({1}: {2})") { Fixes =
                [new("Check the peers and the network between them", "drbdadm status; ip -s link")] },
        ],
        Origin = "net/sunrpc/clnt.c, fs/nfs, fs/smb/client, net/ceph/osdmap.c and mon_client.c, " +
            "drivers/scsi/libiscsi.c and scsi_transport_iscsi.c, drivers/block/nbd.c, drivers/block/drbd",
    };

    /// <summary>This machine serves disks by iSCSI: initiators ask for what its configuration does not have.</summary>
    public static readonly Family TargetRefuses = new("iscsi-target-refuses", "the iSCSI target on this machine refuses initiators")
    {
        Area = Area.Crashing,
        Confidence = 0.9,
        Severity = Severity.Warning,
        Cause = "The target (LIO) answers, but does not give the initiator what it asks for: for the initiator its disks are gone.",
        Fixes =
        [
            new("Compare what is configured and enabled with what the initiators ask for (target, portal group, ACL, LUN)",
                "targetcli ls; dmesg | grep -i -e iscsi -e target"),
            new("If its portal groups are being taken down or set up (a gateway that restarts), look at what holds that up",
                "echo w > /proc/sysrq-trigger; dmesg | tail -100"),
        ],
        Tellings =
        [
            new("Unable to locate Target Portal Group on {t}",
                "the iSCSI target {1} refuses logins: its portal group is not there or not enabled"),
            new("Unable to locate Target IQN: {e} in Storage Node",
                "an initiator asks for the iSCSI target {1}, which is not configured here"),
            new("iSCSI Initiator Node: {e} is not authorized to access",
                "the iSCSI target refuses the initiator {1}: it has no access right (ACL)"),
            new("iSCSI Login timeout on Network Portal {t}",
                "an iSCSI login at {1} did not end in time") { Times = 2 },
            new("iSCSI Login negotiation failed", "logins to the iSCSI target of this machine fail") { Subject = 0, Times = 3 },
        ],
        Origin = "drivers/target/iscsi/iscsi_target_nego.c, iscsi_target_login.c",
    };

    public static readonly Family Blocklisted = new("client-blocklisted", "Ceph put this client on its blocklist")
    {
        Area = Area.Crashing,
        Confidence = 0.9,
        Cause = "The client did not answer for too long, so the cluster put it on its blocklist (or another client took over its lock). " +
            "From then on every request fails with -108 (ESHUTDOWN), permanently. No disk is at fault.",
        Fixes =
        [
            new("First find out why it did not answer (network, load); check the list", "ceph osd blocklist ls"),
            new("Unmount and unmap the image, then map it again (in Kubernetes: delete the pod, or drain and restart the node)",
                "umount /dev/{0}; rbd unmap -o force /dev/{0}"),
            new("Check the file system before it is mounted again"),
        ],
        Tellings =
        [
            new("rbd: {w}: {w} at objno * result -108", "Ceph put this client on its blocklist: every access to {1} ends with -108 " +
                "(ESHUTDOWN)"),
            new("rbd: {w}: {w} result -108", "Ceph put this client on its blocklist: every access to {1} ends with -108 (ESHUTDOWN)"),
            new("rbd: {w}: encountered watch error: {w}", "the watch of {1} was lost (error {2})") { Severity = Severity.Warning },
            new("ceph: {w} reconnect denied", "Ceph's {1} did not allow this client to reconnect") { Fixes =
                [new("Unmount and mount the file system again", "umount -f MOUNTPOINT; mount MOUNTPOINT")] },
            new("ceph: {w} session blocklisted", "Ceph's {1} put this client on its blocklist") { Fixes =
                [new("Unmount and mount the file system again", "umount -f MOUNTPOINT; mount MOUNTPOINT")] },
            new("libceph: {w} *blacklisted", "Ceph put this client on its blocklist ({1})") { Fixes =
                [new("Unmount and mount the file system again", "umount -f MOUNTPOINT; mount MOUNTPOINT")] },
        ],
        Origin = "drivers/block/rbd.c, fs/ceph/mds_client.c; docs.ceph.com, blocklist",
    };

    public static readonly Family ShareRefused = new("network-share-refused", "a server refused to give a share")
    {
        Area = Area.Crashing,
        Cause = "The server answered, and refused the request.",
        Fixes = [new("Compare the name of the share, user, password and dialect with what the server has",
            "smbclient -L //SERVER -U USER; showmount -e SERVER")],
        Tellings =
        [
            new("BAD_NETWORK_NAME: \\\\{e}\\{t}", "server {1} has no share named {2} (BAD_NETWORK_NAME)"),
            new("STATUS_LOGON_FAILURE", "an SMB server refused user name or password (STATUS_LOGON_FAILURE)") { Subject = 0 },
            new("STATUS_ACCESS_DENIED", "an SMB server refused access (STATUS_ACCESS_DENIED)") { Subject = 0, Times = 2 },
            new("cifs_mount failed w/return code = {w}", "an SMB share was not mounted (error {1})") { Subject = 0, Reads = CifsErrno },
            new("CIFS: VFS: *Send error in SessSetup = {w}", "an SMB server refused the login (error {1})") { Subject = 0 },
            new("mount.nfs: access denied by server while mounting {t}", "an NFS server refused to give {1}"),
            new("mount.nfs4: access denied by server while mounting {t}", "an NFS server refused to give {1}"),
            new("RPC: server {e} requires stronger authentication", "NFS server {1} requires stronger authentication (Kerberos)"),
        ],
        Origin = "fs/smb/client/connect.c and smb2maperror.c, net/sunrpc/clnt.c, nfs-utils",
    };

    private static string? CifsErrno(IReadOnlyList<string> taken) => taken[0].TrimStart('-') switch
    {
        "2" => "-2: the server has no such share or path.",
        "13" => "-13: user, password or rights.",
        "22" => "-22: an option or way of login that does not fit.",
        "95" => "-95: no dialect in common (vers=).",
        "111" => "-111: no server listens on port 445 there.",
        "112" or "113" or "115" => "the server cannot be reached.",
        _ => null,
    };

    private const string NoDaemon = "Logins go through iscsid. It is not started in an initramfs without systemd, " +
        "or if its unit or socket failed; iscsistart does not need it. The lines of its unit show why it ended.";

    private static readonly Fix[] DaemonFixes =
    [
        new("Find out why it does not run",
            "systemctl status iscsid.service iscsid.socket; journalctl -b -u iscsid; cat /etc/iscsi/initiatorname.iscsi"),
        new("In the initramfs: rebuild it with iSCSI", "dracut -f -a iscsi   # Debian: update-initramfs -u (open-iscsi)"),
    ];

    private const string LiveImage = "The network was not up, the server's name was not resolved, " +
        "or the address on the command line (url=, fetch=, netboot=, root=live:) is empty or wrong, or the file does not exist. " +
        "The messages of wget or curl before it show which.";

    private static readonly Fix[] LiveFixes =
    [
        new("In the shell, check address and name server, and try the download by hand",
            "cat /proc/cmdline; ip -br addr; cat /etc/resolv.conf; wget -O /dev/null URL"),
    ];

    public static readonly Family NetworkBoot = new("network-root-failed", "a root file system on the network was not reached")
    {
        Area = Area.Crashing,
        Severity = Severity.Critical,
        Confidence = 0.9,
        CausedBy = ["network-storage-silent", "driver-probe-failed", "filesystem-full", "out-of-memory"],
        Explains = ["root-not-found"],
        Cause = "The kernel (or initramfs) must mount its root file system over the network, but got no address or no answer.",
        Fixes = [new("Check the link, whether the card's driver is built in, and whether the DHCP server answers; " +
            "check ip= and nfsroot= on the command line")],
        Tellings =
        [
            new("IP-Config: Auto-configuration of network failed", "the kernel got no network address at start") { Subject = 0 },
            new("IP-Config: No network devices available", "no network interface was there at start") { Subject = 0 },
            new("Root-NFS: no NFS server address", "no NFS server was named for the root") { Subject = 0 },
            new("Root-NFS: Server returned error {w} while mounting {t}", "the NFS server refused the root {2} (error {1})")
                { Subject = 2 },
            new("Root-NFS: Unable to {t}", "the root could not be mounted over NFS: {1}") { Subject = 0 },
            new("FATAL: iscsiroot requested but kernel/initrd does not support iscsi", "the initramfs has no iSCSI, which its root needs")
                { Subject = 0, Fixes = [new("Build it with iSCSI (dracut -a iscsi, open-iscsi for initramfs-tools)")] },
            new("Unable to find a live file system on the network", "the image of the live system could not be fetched from the " +
                "network", LiveImage)
                { Subject = 0, Fixes = LiveFixes },
            new("can't fetch the squashfs from {t}", "the image of the root could not be fetched from {1}", LiveImage) { Subject = 0,
                Fixes = LiveFixes },
            new("failed to download live image: error {w}", "the image of the live system was not downloaded (error {1})", LiveImage)
                { Subject = 0, Fixes = LiveFixes },
            new("dracut-initqueue[{e}]: curl: (23) {t}", "the image of the root did not fit into the initramfs' memory ({2})",
                "What curl wrote so far is cut, and what mounts it then finds no valid file system. " +
                    "The download is kept in memory (a tmpfs, half of the RAM by default).")
                { Subject = 0, Fixes = [new("Give the machine more memory, or use a smaller image", "df -h; free -m")] },
            new("dracut-initqueue[{e}]: curl: ({w}) {t}", "a file for the root could not be downloaded: {3} (curl's error {2})", LiveImage)
                { Subject = 0, Fixes = LiveFixes },
            new("dracut: FATAL: Failed to find a root filesystem in {t}", "the image {1} that was fetched holds no root file system",
                "It was downloaded only in part, or is of another kind.") { Subject = 0, Fixes = LiveFixes },
            new("iscsiadm: can not connect to iSCSI daemon ({w})!", "the iSCSI daemon (iscsid) does not run, so no login is possible",
                NoDaemon) { Subject = 0, Fixes = DaemonFixes },
            new("iscsiadm: read error ({e}), daemon died?", "the iSCSI daemon (iscsid) died or did not start", NoDaemon)
                { Subject = 0, Fixes = DaemonFixes },
            new("iscsistart: initiator reported error ({t}", "an iSCSI login failed ({1}") { Subject = 0 },
            new("iscsiadm: Cannot resolve host {e}. {t}", "the iSCSI target's name {1} could not be resolved") { Subject = 0 },
        ],
        Origin = "net/ipv4/ipconfig.c, fs/nfs/nfsroot.c, dracut 95iscsi, open-iscsi",
    };

    /// <summary>iscsiadm of open-iscsi, whatever starts it: a unit, a script, the kubelet.</summary>
    public static readonly Family Login = new("iscsi-login-failed", "an iSCSI login failed")
    {
        Area = Area.Crashing,
        Confidence = 0.9,
        CausedBy = ["network-storage-silent", "network-root-failed", "nic-link-flaps"],
        Explains = ["root-not-found", "unit-device-missing"],
        Cause = "The initiator did not get a session with the target, so the disks behind it are not there.",
        Fixes =
        [
            new("Check the address, the target's name, and what the target allows this initiator (ACL, CHAP)",
                "iscsiadm -m node; cat /etc/iscsi/initiatorname.iscsi; iscsiadm -m discovery -t st -p PORTAL"),
            new("Read the target's own log of that moment"),
        ],
        Tellings =
        [
            new("iscsiadm: Could not login to [iface: {e}, target: {e}, portal: {e}]", "the iSCSI login to {2} at {3} failed")
                { Subject = 2 },
            new("iscsiadm: cannot make connection to {e}: {t}", "iSCSI target {1} was not reached: {2}"),
            new("iscsiadm: initiator reported error ({t}", "an iSCSI login failed ({1}") { Subject = 0,
                Reads = CodeOf },
            new("iscsiadm: Could not log into all portals", "an iSCSI login failed") { Subject = 0 },
        ],
        Origin = "open-iscsi usr/iscsiadm.c, usr/iscsi_err.c, include/iscsi_err.h",
    };

    /// <summary>What open-iscsi's number of an error says of where to look.</summary>
    private static string? CodeOf(IReadOnlyList<string> taken) => (taken.Count == 0 ? "" : taken[0].Split(' ')[0]) switch
    {
        "4" or "8" => "The target's address did not answer: network, firewall or the target itself.",
        "5" or "24" => "The target refuses the name and password (CHAP).",
        "12" => "The kernel's driver refused the request.",
        "15" => "A session with this target exists already: this alone is no fault.",
        "19" => "The target answers and refuses: it does not allow this initiator (ACL, CHAP), or has no such target.",
        "21" => "There is no session.",
        _ => null,
    };

    public static readonly Family Stale = new("network-file-stale", "files of a network file system are gone on the server")
    {
        Area = Area.Crashing,
        Severity = Severity.Warning,
        Confidence = 0.9,
        Cause = "The server no longer knows the handle: the file or export was removed, restored or moved, or another server answers.",
        Fixes = [new("Unmount it and mount it again; check whether the export moved", "umount -f MOUNTPOINT; mount MOUNTPOINT")],
        Tellings =
        [
            new("NFS: server {e} error: fileid changed", "NFS server {1} returns another file than before"),
            new("{e}: Stale file handle", "a program met a stale file handle: {1}") { Subject = 0 },
            new("{e}: Stale NFS file handle", "a program met a stale file handle: {1}") { Subject = 0 },
        ],
        Origin = "fs/nfs/inode.c; ESTALE",
    };

    public static readonly Family[] All = [NetworkBoot, Login, Stale, Silent, Blocklisted, ShareRefused, TargetRefuses];
}
