using System.Text.Json;

namespace Kdump.Tests.Host;

/// <summary>
/// What the tools of a distribution accept is left alone, and what they refuse is an error: settings that the planted faults do not have.
/// Authority: kdump-utils kdumpctl and mkdumprd, kdump-tools 1.8.1 kdump-config and its init script, openSUSE/kdump 2.1.
/// </summary>
public sealed class HostSettingsTests
{
    /// <summary>Directive names as kdumpctl lists them, without what its release does not have.</summary>
    private static string Kdumpctl(params string[] without) => "#!/bin/bash\n" + string.Join(" | ", ((string[])["raw", "ext[234]", "xfs",
        "btrfs", "minix", "nfs", "ssh", "virtiofs", "sshkey", "path", "core_collector", "kdump_post", "kdump_pre", "kdump_emergency",
        "extra_bins", "extra_modules", "default", "failure_action", "final_action", "force_rebuild", "force_no_rebuild", "dracut_args",
        "fence_kdump_args", "fence_kdump_nodes", "auto_reset_crashkernel"]).Except(without)) + ")\n";

    [Theory]
    [InlineData("failure_action poweroff", "failure_action", "Write default")]
    [InlineData("final_action poweroff", "final_action", "Take the line out")]
    [InlineData("force_no_rebuild 0", "force_no_rebuild", "Take the line out")]
    [InlineData("kdump_emergency /usr/bin/bash", "kdump_emergency", "Take the line out")]
    public void A_directive_that_the_machines_own_kdumpctl_does_not_have_is_refused(string line, string name, string fix)
    {
        using var form = new HostForm("rhel9");
        form.Line(line);
        form.CopyConf();
        form.Program("usr/bin/bash");
        form.Executable.Add("usr/bin/bash");
        form.Files["usr/bin/kdumpctl"] = Kdumpctl();
        Assert.Empty(form.Check().Findings);
        form.Files["usr/bin/kdumpctl"] = Kdumpctl(without: name);
        (int exit, string[] findings, JsonElement document) = form.Check();
        Assert.Equal(["kdump-conf-invalid"], findings);
        Assert.Equal(1, exit);
        Assert.Contains(fix, document.ToString());
    }

    [Theory]
    [InlineData("dracut_args --mount \"/dev/vda1 /mnt xfs defaults\"", true)]
    [InlineData("dracut_args --mount '/dev/vda1 /mnt xfs defaults' --add-drivers ext4", true)]
    [InlineData("dracut_args --mount=\"/dev/vda1 /mnt xfs defaults\"", false)]
    [InlineData("dracut_args --mount \"/dev/vda1 /mnt\"", false)]
    [InlineData("dracut_args --mount  \"/dev/vda1 /mnt xfs defaults\"", true)]
    [InlineData("dracut_args --mount \"/dev/vda1  /mnt xfs\"", true)]
    [InlineData("dracut_args --omit-drivers \"cfg80211 snd\" --add-drivers \"ext2 ext3\"", true)]
    [InlineData("fence_kdump_nodes node2 192.0.2.9", true)]
    [InlineData("fence_kdump_nodes node2 here", false)]
    [InlineData("fence_kdump_nodes 192.0.2.8 node2", false)]
    [InlineData("fence_kdump_args -p 7410 -f auto -c 0 -i 10", true)]
    [InlineData("failure_action dump_to_rootfs", true)]
    [InlineData("default dump_to_rootfs", true)]
    [InlineData("force_rebuild 1", true)]
    [InlineData("extra_bins /usr/bin/lftp", true)]
    [InlineData("extra_bins /usr/bin/plain", false)]
    [InlineData("path \"/var/crash\" # with a word behind", true, true)]
    [InlineData("path /nothing/here", false, true)]
    public void Kdump_conf_is_judged_as_kdumpctl_and_mkdumprd_judge_it(string line, bool fine, bool instead = false)
    {
        using var form = new HostForm("rhel9");
        form.Files["proc/sys/kernel/hostname"] = "here\n";
        form.Files["proc/net/fib_trie"] = "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 192.0.2.8\n        /32 host LOCAL\n";
        form.Files["usr/bin/lftp"] = form.Files["usr/bin/plain"] = "a program\n";
        form.Executable.Add("usr/bin/lftp");
        form.Program("usr/bin/lftp", "libc.so.6");
        form.Program("usr/bin/plain", "libc.so.6");
        if (instead)
            form.Change(form.Conf, "path /var/crash", line);
        else
            form.Line(line);
        form.CopyConf();
        (int exit, string[] findings, _) = form.Check();
        Assert.Equal(fine ? [] : ["kdump-conf-invalid"], findings);
        Assert.Equal(fine ? 0 : 1, exit);
    }

    /// <summary>mkdumprd verify_core_collector looks for the letters "-F", and asks makedumpfile only where the name stands
    /// alone.</summary>
    [Theory]
    [InlineData("makedumpfile -F -l -d 31", true)]
    [InlineData("makedumpfile -l -F -d 31", true)]
    [InlineData("makedumpfile -lF -d 31", false)]
    [InlineData("makedumpfile -l -d 31", false)]
    [InlineData("scp", true)]
    public void A_dump_over_ssh_needs_the_letters_that_kdumpctl_looks_for(string collector, bool fine)
    {
        using var form = new HostForm("rhel9");
        HostFaults.Ssh(form, "makedumpfile -F -l");
        form.Files[form.Conf] = string.Join('\n', form.Files[form.Conf].Split('\n')
            .Select(l => l.StartsWith("core_collector", StringComparison.Ordinal) ? "core_collector " + collector : l));
        form.Files["usr/bin/scp"] = "a program\n";
        form.Program("usr/bin/scp", "libc.so.6");
        form.CopyConf();
        Assert.Equal(fine ? [] : ["core-collector-invalid"], form.Check().Findings);
    }

    [Theory]
    [InlineData("KDUMP_SAVEDIR", "file:///var/crash", true)]
    [InlineData("KDUMP_SAVEDIR", "FILE:///var/crash", true)]
    [InlineData("KDUMP_SAVEDIR", "http://h/x", false)]
    [InlineData("KDUMP_KERNELVER", "/boot/vmlinuz-RELEASE", true)]
    [InlineData("KDUMP_KERNELVER", "RELEASE", true)]
    [InlineData("KDUMP_KERNELVER", "/boot/vmlinuz-1.0", false)]
    [InlineData("KDUMP_NETCONFIG", "auto:force", true)]
    [InlineData("KDUMP_NETCONFIG", "eth0:dhcp4:force", true)]
    [InlineData("KDUMP_NETCONFIG", "default:static", true)]
    [InlineData("KDUMP_NETCONFIG", "eth0:dhcpv4", false)]
    [InlineData("KDUMP_NETCONFIG", "eth0", false)]
    [InlineData("KDUMP_DUMPFORMAT", "none", false)]
    [InlineData("KDUMP_DUMPFORMAT", "zstd", true)]
    [InlineData("KDUMP_DUMPFORMAT", "raw", true)]
    [InlineData("KDUMP_DUMPLEVEL", "32", false)]
    [InlineData("KDUMP_DUMPLEVEL", "0", true)]
    [InlineData("KDUMP_FADUMP", "yes", false)]
    [InlineData("KDUMP_FADUMP", "no", true)]
    [InlineData("KDUMP_VERBOSE", "8", true)]
    [InlineData("KDUMP_CPUS", "0", true)]
    public void SUSEs_settings_are_judged_as_its_scripts_judge_them(string name, string value, bool fine)
    {
        foreach (string on in (string[])["sles15", "leap"])
        {
            using var form = new HostForm(on);
            form.Files["etc/machine-id"] = "0123456789abcdef0123456789abcdef\n";
            form.Set(name, $"\"{value.Replace("RELEASE", form.Release)}\"");
            form.CopyConf();
            Assert.Equal(fine ? [] : ["kdump-conf-invalid"], form.Check().Findings);
        }
    }

    [Theory]
    [InlineData("ssh://dump@dumps.example/srv/dumps", "", true, true, "")]
    [InlineData("scp://dump@dumps.example/srv/dumps", "", true, true, "")]
    [InlineData("ssh://dump@dumps.example:2222/srv/dumps", "*", false, true, "")]
    [InlineData("ssh://dump:secret@dumps.example/srv", "", true, false, "")]
    [InlineData("ssh://dump@dumps.example/srv", "", false, true, "KDUMP_HOST_KEY is empty")]
    [InlineData("ssh://dump@dumps.example/srv", "*", false, false, "root has no ssh key")]
    public void A_dump_over_ssh_by_SUSE_needs_a_key_and_a_known_server(string place, string hostKey, bool known, bool key, string told)
    {
        using var form = new HostForm("leap");
        HostFaults.Network(form);
        form.Program("usr/bin/ssh", "libc.so.6");
        form.Program("usr/bin/lftp", "libc.so.6");
        form.Set("KDUMP_SAVEDIR", $"\"{place}\"");
        form.Set("KDUMP_HOST_KEY", $"\"{hostKey}\"");
        form.CopyConf();
        form.Image.Remove("usr/lib/dracut/build-parameter.txt");
        if (known)
            form.Files["root/.ssh/known_hosts"] = "dumps.example ssh-ed25519 AAAA\n";
        if (key)
            form.Files["root/.ssh/id_ed25519"] = "a key\n";
        // As kdump_init_ssh would have made it.
        form.Put("root/.ssh/config", $"StrictHostKeyChecking {(hostKey == "*" ? "no" : "yes")}\n");
        form.Put("root/.ssh/known_hosts", "");
        form.Put("root/.ssh/id_ed25519", "a key\n", 0x8180);
        (_, string[] findings, JsonElement document) = form.Check();
        Assert.Equal(told.Length == 0 ? [] : ["kdump-conf-invalid"], findings);
        Assert.Contains(told, document.ToString());
        Assert.DoesNotContain("secret", document.GetProperty("verdict").ToString());
    }

    [Theory]
    [InlineData("ssh://")]
    [InlineData("://")]
    [InlineData("http://dump:secret@h/x")]
    [InlineData("ssh://dump:secret@h:x:y/@:@")]
    public void A_place_that_is_none_shows_no_password_and_stops_nothing(string place)
    {
        using var form = new HostForm("leap");
        form.Set("KDUMP_SAVEDIR", $"\"{place}\"");
        form.CopyConf();
        form.Image.Remove("usr/lib/dracut/build-parameter.txt");
        Assert.DoesNotContain("secret", form.Check().Document.GetProperty("verdict").ToString());
    }

    /// <summary>Each way that kdump-save sends a dump by has its program; the network card is followed for all of them.</summary>
    [Theory]
    [InlineData("ssh://dump@192.0.2.9/srv", "ssh", "")]
    [InlineData("sftp://dump@192.0.2.9/srv", "ssh lftp", "")]
    [InlineData("scp://dump@192.0.2.9/srv", "ssh lftp", "")]
    [InlineData("ftp://dump:secret@192.0.2.9/srv", "lftp", "")]
    [InlineData("nfs://192.0.2.9/srv", "mount.nfs", "fs/nfs/nfs.ko")]
    [InlineData("cifs://dump:secret@192.0.2.9/share/x", "mount.cifs", "fs/smb/client/cifs.ko")]
    [InlineData("smb://192.0.2.9/share/x", "mount.cifs", "fs/smb/client/cifs.ko")]
    public void A_dump_over_the_network_by_SUSE_needs_its_program_driver_and_card(string place, string programs, string module)
    {
        foreach (string without in (string[])[.. programs.Split(' '), module, "card", ""])
        {
            using var form = new HostForm("leap");
            HostFaults.Network(form);
            form.Files["proc/net/route"] += "eth9\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\n";
            form.Links["sys/class/net/eth9"] = "../../devices/pci0000:00/0000:00:06.0/net/eth9";
            form.Links["sys/devices/pci0000:00/0000:00:06.0/driver"] = "../../../bus/pci/drivers/e1000e";
            form.Links["sys/bus/pci/drivers/e1000e/module"] = "../../../../module/e1000e";
            form.Links["sys/devices/pci0000:00/0000:00:06.0/net/eth9/device"] = "../..";
            form.Files["sys/devices/pci0000:00/0000:00:06.0/net/eth9/uevent"] = "INTERFACE=eth9\n";
            form.Files["sys/module/e1000e/initstate"] = "live\n";
            form.Set("KDUMP_SAVEDIR", $"\"{place}\"");
            form.CopyConf();
            form.Image.Remove("usr/lib/dracut/build-parameter.txt");
            form.Put("etc/cmdline.d/99kdump-net.conf", "rd.neednet=1 ip=eth9:dhcp\n");
            form.Files["root/.ssh/known_hosts"] = "192.0.2.9 ssh-ed25519 AAAA\n";
            form.Files["root/.ssh/id_rsa"] = "a key\n";
            form.Put("root/.ssh/known_hosts", "192.0.2.9 ssh-ed25519 AAAA\n");
            form.Put("root/.ssh/id_rsa", "a key\n", 0x8180);
            foreach (string program in programs.Split(' ').Where(p => p != without))
                form.Program("usr/bin/" + program, "libc.so.6");
            if (module.Length > 0 && module != without)
                form.Module(module);
            if (without != "card")
                form.Module("drivers/net/ethernet/intel/e1000e/e1000e.ko");
            (_, string[] findings, JsonElement document) = form.Check();
            Assert.Equal(without.Length == 0 ? [] : [without == "card" || without == module ? "driver-missing-in-image"
                : "configured-program-missing"], findings);
            Assert.DoesNotContain("secret", document.GetProperty("verdict").ToString());
        }
    }

    [Theory]
    [InlineData("USE_KDUMP", "yes", "kdump-service-off")]
    [InlineData("USE_KDUMP", "2", "")]
    [InlineData("SSH", "\"server\"", "kdump-conf-invalid")]
    [InlineData("NFS", "\"server:/x\"", "")]
    [InlineData("KDUMP_CMDLINE_APPEND", "\"reset_devices systemd.unit=kdump-tools-dump.service nr_cpus=1\"", "")]
    [InlineData("MAKEDUMP_ARGS", "\"-c -d 31 -F\"", "")]
    [InlineData("FTP", "\"server:/x\"", "kdump-conf-invalid")]
    public void Kdump_tools_settings_are_judged_as_its_scripts_judge_them(string name, string value, string id)
    {
        using var form = new HostForm("debian12");
        form.Set(name, value);
        form.Files["sbin/mount.nfs"] = form.Files["usr/bin/ssh"] = "a program\n";
        form.Files["root/.ssh/kdump_id_rsa"] = "a key\n";
        form.Files["root/.ssh/known_hosts"] = "server ssh-ed25519 AAAA\n";
        Assert.Equal(id.Length == 0 ? [] : [id], form.Check().Findings);
    }

    [Fact]
    public void A_dump_that_kdump_tools_sends_needs_the_program_and_no_room_here()
    {
        using var form = new HostForm("ubuntu2404");
        form.Set("NFS", "\"server:/x\"");
        (int exit, string[] findings, JsonElement document) = form.Check();
        Assert.Equal(["kdump-conf-invalid"], findings);
        Assert.Equal(1, exit);
        Assert.Contains("apt-get install nfs-common", document.ToString());
        form.Files["sbin/mount.nfs"] = "a program\n";
        form.Files["df"] = "Filesystem 1K-blocks Used Available Use% Mounted on\n/dev/vda1 1000 900 100 90% /\n";
        Assert.Empty(form.Check().Findings);
        form.Set("NFS", "\"\"");
        Assert.Equal(["no-space-on-target"], form.Check().Findings);
    }

    [Theory]
    [InlineData("UUID=dead /var/crash ext4 defaults 0 2", true)]
    [InlineData("UUID=dead /home ext4 defaults 0 2", true)]
    [InlineData("LABEL=gone /srv xfs defaults,noatime 0 2", true)]
    [InlineData("UUID=dead /home ext4 defaults,nofail 0 2", false)]
    [InlineData("UUID=dead /backup ext4 noauto 0 2", false)]
    [InlineData("UUID=dead /far ext4 _netdev 0 2", false)]
    [InlineData("UUID=dead none swap sw 0 0", false)]
    [InlineData("server:/x /n nfs defaults 0 0", false)]
    [InlineData("tmpfs /tmp tmpfs defaults 0 0", false)]
    [InlineData("/srv/data /export none bind 0 0", false)]
    public void Where_the_crash_kernel_starts_the_root_every_mount_that_the_start_needs_is_looked_for(string line, bool found)
    {
        foreach (string name in HostForm.Debian)
        {
            using var form = new HostForm(name);
            form.Files["etc/fstab"] += line + "\n";
            (int _, string[] findings, JsonElement document) = form.Check();
            Assert.Equal(found ? ["dump-target-wrong-id"] : [], findings);
            if (found)
                Assert.Contains($"{line.Split(' ')[1]} is to be mounted from {line.Split(' ')[0]}", document.ToString());
        }
        // Its image mounts nothing of that file.
        using var other = new HostForm("rhel9");
        other.Files["etc/fstab"] += "UUID=dead /home xfs defaults 0 2\n";
        Assert.Empty(other.Check().Findings);
    }
}
