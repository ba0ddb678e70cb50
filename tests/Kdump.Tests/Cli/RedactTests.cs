using System.Text.Json;
using Kdump.Cli;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Reports;
using Kdump.Sources.Gather;

namespace Kdump.Tests.Cli;

/// <summary><c>--redact</c>: a name is planted wherever a machine may print one, and looked for wherever an answer may show one.</summary>
public sealed class RedactTests(Kernel.RealKernelTests.Core core) : IClassFixture<Kernel.RealKernelTests.Core>, IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kdt-5ecret").FullName;

    /// <summary>What must not be seen of the lines below.</summary>
    private static readonly string[] Planted =
    [
        "5ecret", "5ec2e7", "5901834", "10.91.82.7", "00:91:82", "00-91-82", "0091827", "fe91:8273", "5ec2::91", "corp.example", "web-91",
        "web--91", "web\\x2d91",
    ];

    [Theory]
    [InlineData("Command line: BOOT_IMAGE=/boot/vmlinuz ro password=hunter5ecret token=x5ecret")]
    [InlineData("Command line: ro my5ecretword ip=10.91.82.73::10.91.82.1:255.255.255.0:node5ecret:eth0:none")]
    [InlineData("Command line: ro BOOTIF=01-52-54-00-91-82-73 nfsroot=10.91.82.73:/srv/5ecret owner5ecret=1")]
    [InlineData("Command line: ro rd.lvm.lv=rhel_web-91/root cifspass=5901834 -- --token=5ecret")]
    [InlineData("BOOT_IMAGE=(hd0,gpt2)/vmlinuz root=/dev/mapper/rhel_web--91-root systemd.hostname=db5ecret")]
    [InlineData("Nov  7 15:39:12 host5ecret kernel: [    1.0] x")]
    [InlineData("<4>1 2026-11-07T15:39:12.123456+01:00 host5ecret kernel 12 - - x")]
    [InlineData("2026-11-07T15:39:12+0100 host5ecret dracut-initqueue[312]: Warning: x")]
    [InlineData("2026-11-07 15:39:12 host5ecret systemd[1]: x")]
    [InlineData("systemd[1]: Hostname set to <host5ecret.corp.example>.")]
    [InlineData("Set hostname to <host5ecret>.")]
    [InlineData("_HOSTNAME=host5ecret")]
    [InlineData("{\"_HOSTNAME\":\"host5ecret\",\"MESSAGE\":\"x\"}")]
    [InlineData("Linux host5ecret 6.1.0-31-amd64 #1 SMP Debian")]
    [InlineData("Linux version 6.1.0 (bob5ecret@build5ecret.corp.example) (gcc 12) #1 SMP")]
    [InlineData("nfs: server nas5ecret.corp.example not responding, timed out")]
    [InlineData("kdump: saving to root5ecret@10.91.82.73:/srv/x failed")]
    [InlineData("nfs nas5ecret.corp.example:/export/dumps")]
    [InlineData("ssh bob5ecret@dump5ecret")]
    [InlineData("sshkey /home/bob5ecret/.ssh/id")]
    [InlineData("see https://wiki5ecret.corp.example/x and ftp://ftp5ecret/x")]
    [InlineData("igb 0000:01:00.0 enp1s0: (PCIe:5.0Gb/s) 52:54:00:91:82:73")]
    [InlineData("igb 0000:01:00.0 enx525400918273: link is not ready")]
    [InlineData("IPv6: ADDRCONF: fe80::5054:ff:fe91:8273 and fd00:5ec2::91 are there, [fd00:5ec2::91]:22 too")]
    [InlineData("mlx5_core: node guid: 5ec2:e703:000a:5ec2, hca_guid 0x5ec2e7030091827f")]
    [InlineData("scsi host1: wwpn 50:01:43:80:5e:c2:e7:91, wwnn=0x500143805ec2e791")]
    [InlineData("        Serial Number: S3Z5ecret1")]
    [InlineData("ID_SERIAL=ACME_S3Z5ecret1 ID_SERIAL_SHORT=S3Z5ecret1")]
    [InlineData("usb 1-1: SerialNumber: 4C5ecret01")]
    [InlineData("PROCESSOR 0:50654 TIME 1 PPIN 5ec2e7aa5901834f SOCKET 0 APIC 0")]
    [InlineData("        Asset Tag: A5ecret9")]
    [InlineData("Service Tag: 5ECRET1, S/N: X5ecret2")]
    [InlineData("nvme nvme0: serial \"S3Z5ecret1\" has firmware 1.0")]
    [InlineData("/dev/disk/by-id/ata-ACME_SSD_S3Z5ecret1-part1 is missing")]
    [InlineData("dev-disk-by\\x2did-nvme\\x2dACME_S3Z5ecret1.device: Job timed out")]
    [InlineData("Warning: /dev/disk/by-uuid/5ec2e7aa-0000-4000-8000-5ec2e75ec2e7 does not exist")]
    [InlineData("dev-disk-by\\x2duuid-5ec2e7aa\\x2d0000\\x2d4000\\x2d8000\\x2d5ec2e75ec2e7.device: Job timed out")]
    [InlineData("UUID=5EC2-E7AA /boot/efi vfat; LABEL=data5ecret /data ext4; PARTUUID=\"5ec2e7aa-01\"")]
    [InlineData("sd 0:0:0:0: naa.5ec2e7aa0091827f, wwn-0x5ec2e7aa0091827f, eui.5ec2e7aa0091827f")]
    [InlineData("iscsi: iqn.1994-05.com.redhat:5ecret logged in")]
    [InlineData("Machine ID: 5ec2e7aa000040008000000000000091, _BOOT_ID=5ec2e7aa000040008000000000000092")]
    [InlineData("sshd[1]: Failed password for invalid user bob5ecret from 10.91.82.73 port 22 ssh2")]
    [InlineData("sshd[1]: Accepted publickey for bob5ecret from 10.91.82.73 port 22: " +
        "RSA SHA256:5ecretAAAABBBBCCCCDDDDEEEEFFFFGGGGHHHHIIIIJJ")]
    [InlineData("su[1]: pam_unix(su:auth): authentication failure; logname=bob5ecret uid=1000 ruser=ann5ecret rhost=  user=root")]
    [InlineData("systemd-logind[1]: New session 3 of user bob5ecret.")]
    [InlineData("sudo[1]:  bob5ecret : TTY=pts/0 ; PWD=/home/bob5ecret ; USER=root ; COMMAND=/bin/cat")]
    [InlineData("cron[1]: (bob5ecret) CMD (/srv/acme5ecret/nightly5ecret.sh)")]
    [InlineData("app[1]: {\"user\":\"bob5ecret\",\"password\":\"hunter5ecret\"}")]
    [InlineData("app[1]: postgres://bob5ecret:hunter5ecret@db5ecret.corp.example:5432/x")]
    [InlineData("kernel: CIFS: VFS: \\\\nas5ecret\\share5ecret cifs_reconnect failed")]
    [InlineData("kernel: CIFS: Attempting to mount //nas5ecret/share5ecret")]
    [InlineData("mount.nfs: access denied by server while mounting nas5ecret:/vol/pay5ecret")]
    [InlineData("mount.nfs: Connection refused for nas5ecret.corp.example:/export/home/bob5ecret on /home/bob5ecret")]
    [InlineData("systemd[1]: Failed to mount /srv/acme5ecret/pay5ecret-2024.")]
    [InlineData("kdump: saving to /sysroot/mnt/pay5ecret/127.0.0.1-2026-11-07/ failed")]
    [InlineData("systemd[1]: home-bob5ecret-work5ecret.mount: Failed; srv-acme5ecret.automount; openvpn@vpn5ecret.service")]
    [InlineData("dracut-initqueue[1]: Warning: /dev/rhel_db5ecret/root does not exist, /dev/mapper/rhel_db5ecret-root")]
    [InlineData("Cannot open root device \"mapper/db--5ecret--vg-root\", /dev/db-5ecret-vg/root")]
    [InlineData("mdadm: /dev/md/db5ecret:0 is degraded; name=db5ecret:0 UUID=5ec2e7aa:0000:4000")]
    [InlineData("GFS2: fsid=cluster5ecret:fs5ecret.0: withdrawn")]
    [InlineData("drbd pay5ecret: conn( WFConnection )")]
    [InlineData("BTRFS: device label pay5ecret devid 1 transid 5 /dev/sda1; FAT-fs: Volume label JOHN5ECRET")]
    [InlineData("wpa_supplicant[1]: wlan0: CTRL-EVENT-SSID-TEMP-DISABLED id=0 ssid=\"home5ecret\" auth_failures=1")]
    [InlineData("nvme nvme0: connecting to nqn.2016-01.com.acme5ecret:array5ecret")]
    [InlineData("scsi: WWN 0x500c505ec2e7c3d4; qla2xxx: port 2100505ec2e73456; logical id (0x500c505ec2e7567f)")]
    [InlineData("avc: denied { read } for pid=1 comm=\"x\" name=\"pay5ecret.xls\" dev=\"dm-0\" path=\"/home/bob5ecret/pay5ecret.xls\"")]
    public void No_name_that_a_line_tells_is_left_of_it(string line)
    {
        var names = new StandIns(_ => false);
        names.Learn(StandInKind.Host, "web-91.corp.example");
        string once = names.Of(Secrets.Line(line));
        Assert.All(Planted, p => Assert.DoesNotContain(p, once, StringComparison.OrdinalIgnoreCase));
        Assert.Contains('#', once);
        // What is redacted is not changed by another pass: the same value has the same stand-in.
        Assert.Equal(once, names.Of(Secrets.Line(once)));
        Assert.Equal(once, names.Of(Secrets.Line(line)));
    }

    [Theory]
    [InlineData("[   58.031863] virtio_blk: probe of virtio0 failed with error -28")]
    [InlineData("pcieport 0000:00:1c.0: AER: Corrected error received: 0000:01:00.0, id=00e0")]
    [InlineData("RIP: 0010:nvme_probe+0x5/0x20 [nvme] Code: 48 89 e5 41 54 53")]
    [InlineData("Serial: 8250/16550 driver, 32 ports; serial8250: ttyS0 at I/O 0x3f8")]
    [InlineData("Linux version 6.1.0-31-amd64 (debian-kernel@lists.debian.org) (gcc-12 (Debian 12.2.0-14) 12.2.0)")]
    [InlineData("ixgbe: Intel(R) 10 Gigabit Network Driver - version 5.1.0.4")]
    [InlineData("Command line: ro quiet crashkernel=1G-4G:192M,4G-:256M nr_cpus=1")]
    [InlineData("12:31:07 up 3 days; std::string a::b; 2026-11-07T15:39:12 kernel: x; see lore.kernel.org/x.c and foo.service")]
    [InlineData("EXT4-fs (sda1): mounted filesystem; kdump.img, vmcore.flat, /proc/interrupts, nvme.ko.xz, 127.0.0.1")]
    [InlineData("CR2: 0000000000000091 R10: ffff888103d5c000 MISC 0x1234567890abcdef ADDR 0x5ec2e7000")]
    [InlineData("Failed to send request for user space helper; killed by user request; invalid user namespace; of user memory")]
    [InlineData("session opened for user root(uid=0) by (uid=0); Accepted password for root; user=root; /media/cdrom, /mnt/sysroot/boot")]
    [InlineData("systemd[1]: getty@tty1.service, user@1000.service, getty@ttyS0.service: Failed; sysroot-boot.mount, boot-efi.mount")]
    [InlineData("RIP: 0010:cs_etm_enable+0x1/0x2 [cs_dsp], ol_addr, cl_env_get+0x10/0x20 [obdclass]; drbd drbd1: x; dlm: node 1")]
    [InlineData("// see a//b; http://kernel.org/x; file:///dev/null; copied from nvme0n1 to sda; http: //x")]
    [InlineData("avc: denied { write } for comm=\"kdump\" name=\"vmcore\" dev=\"dm-0\" ino=1; name=0:1; port 5, WWN missing, label: x")]
    [InlineData("microcode: sig=0x306f2, pf=0x1; Key type encrypted registered; the password is required; Bearer of news; sk-less disk-0")]
    public void What_identifies_no_machine_is_kept(string line)
    {
        string kept = new StandIns(_ => false).Of(Secrets.Line(line));
        Assert.Equal(line.Contains("8250", StringComparison.Ordinal) ? kept : line, kept);
    }

    [Fact]
    public void The_same_value_has_the_same_stand_in_in_every_spelling()
    {
        var names = new StandIns(_ => false);
        names.Read("Nov  7 15:39:12 web-91 kernel: x");
        Assert.Equal("host#1 WEB-91x host#1.service host#1", names.Of("web-91 WEB-91x Web-91.service WEB-91"));
        Assert.Equal("mac#1 mac#1", names.Of("52:54:00:91:82:73 52-54-00-91-82-73"));
        Assert.Equal("ip#1, ip#2, ip#1", names.Of("10.1.2.3, 10.1.2.4, 10.1.2.3"));
        Assert.Equal("host#1.domain#1 host#2.domain#1", names.Of("web-91.corp.example db-2.corp.example"));
        string uuid = names.Of("/dev/disk/by-uuid/5ec2e7aa-0000-4000-8000-5ec2e75ec2e7");
        Assert.Equal(uuid[uuid.IndexOf("id#", StringComparison.Ordinal)..] + ".device",
            names.Of("dev-disk...5ec2e75ec2e7.device")["dev-disk...".Length..]);
    }

    [Theory]
    [InlineData("/var/crash/127.0.0.1-2026-11-07-15:39:12/vmcore-dmesg.txt", null)]
    [InlineData("dmesg.txt", "dmesg.txt")]
    [InlineData("/sys/bus/pci/devices", "/sys")]
    [InlineData("proc/interrupts", "proc")]
    public void A_path_that_every_system_has_is_kept(string path, string? given) =>
        Assert.Equal(path, new StandIns(_ => false).Path(path, given));

    [Theory]
    [InlineData("/logs/node12.log", "/logs/node12.log", "input#1.log")]
    [InlineData("/logs/node12.log", "/logs", "/logs/name#1.log")]
    [InlineData("/srv/acme/web/console.log", "/srv/acme/web", "input#1/console.log")]
    [InlineData("/home/bob/case/dmesg.txt", "/home/bob/case", "input#1/dmesg.txt")]
    [InlineData("/var/crash/10.91.82.73-2026-11-07/vmcore", null, "/var/crash/ip#1-2026-11-07/vmcore")]
    public void A_path_with_other_words_is_not(string path, string? given, string made) =>
        Assert.Equal(made, new StandIns(_ => false).Path(path, given));

    [Fact]
    public void A_host_with_the_name_of_a_word_of_ours_is_masked_where_it_is_a_host()
    {
        var names = new StandIns(word => word == "server");
        Assert.Equal("Nov  7 15:39:12 host#1 kernel: x", names.Of("Nov  7 15:39:12 server kernel: x"));
        Assert.Equal("the server does not answer", names.Of("the server does not answer"));
    }

    [Theory]
    [InlineData("text")]
    [InlineData("--json")]
    [InlineData("page")]
    [InlineData("-q")]
    [InlineData("screen")]
    [InlineData("zh")]
    public void An_answer_has_none_of_the_names_that_its_inputs_have(string form)
    {
        string place = Directory.CreateDirectory(Path.Combine(folder, "web-91-case")).FullName;
        Write(Path.Combine(place, "web-91.corp.log"), "web-91.corp.example");
        Write(Path.Combine(folder, "db5ecret.txt"), "db5ecret");
        string page = Path.Combine(folder, "page.html");
        string[] args = form switch { "page" => ["-o", page], "zh" => ["--lang", "zh"], "text" or "screen" => [], _ => [form] };
        string said = Run(form == "screen", ["explain", place, Path.Combine(folder, "db5ecret.txt"), "--redact", .. args]);
        if (form == "page")
            said += File.ReadAllText(page);
        if (form == "--json")
            JsonDocument.Parse(said);
        // The crash leads.
        Assert.Contains(form == "-q" ? "the kernel crashed" : "nvme0", said, StringComparison.Ordinal);
        Assert.All(Planted.Append(folder), p => Assert.DoesNotContain(p, said, StringComparison.OrdinalIgnoreCase));
        Assert.True(form == "-q" || said.Contains("host#1", StringComparison.Ordinal), said);
    }

    /// <summary>A secret in a line that nothing recognises: the line is quoted in an unknown, on a page, and with colours.</summary>
    [Theory]
    [InlineData("app[1]: error: failed login passwd=hunter5ecret pass:hunter5ecret2")]
    [InlineData("app[1]: error: failed: password is hunter5ecret, and hunter5ecret again")]
    [InlineData("app[1]: error: Authorization: Bearer eyJ5ecretAAAA.eyJ5ecretBBBB.5ecret rejected, failed")]
    [InlineData("app[1]: error: cannot log in with ghp_5ecret0123456789AbCdEf0123456789AbCd, failed")]
    [InlineData("app[1]: error: GET https://kernel.org/b?X-Amz-Signature=5ecret01234&X-Amz-Credential=5ecret2 failed")]
    [InlineData("sshd[1]: error: Failed publickey for bob5ecret from 10.91.82.73 port 22 ssh2 and a very long rest of the line, bob5ecret")]
    [InlineData("mount[1]: mount.nfs: access denied by server while mounting nas5ecret:/vol/pay5ecret")]
    public void A_secret_is_masked_in_every_form_of_an_answer(string line)
    {
        string log = Path.Combine(folder, "x.log"), page = Path.Combine(folder, "page.html");
        File.WriteAllLines(log, ["Mar  1 10:00:05 db5ecret kernel: [    0.000000] Linux version 6.1.0-31-amd64 (x@y) (gcc 12) #1 SMP",
            $"Mar  1 10:00:05 db5ecret {line}"]);
        foreach (string[] form in (string[][])[[], ["-v"], ["--json"], ["-q"], ["--lang", "zh"], ["--color", "always"], ["-o", page]])
        {
            string said = Run(form.Contains("-v"), ["explain", log, "--redact", .. form]);
            if (form.Contains("-o"))
                said += File.ReadAllText(page);
            Assert.All(Planted, p => Assert.DoesNotContain(p, said, StringComparison.OrdinalIgnoreCase));
        }
    }

    [Theory]
    [InlineData("text")]
    [InlineData("--json")]
    public void A_log_that_is_listed_has_no_names_either(string form)
    {
        string log = Path.Combine(folder, "web-91.log"), other = Path.Combine(folder, "db5ecret.log");
        Write(log, "web-91.corp.example");
        Write(other, "db5ecret");
        string said = Run(false, ["log", log, "--redact", .. form == "text" ? Array.Empty<string>() : [form], "--similar", other]);
        Assert.Contains("host#", said, StringComparison.Ordinal);
        Assert.All(Planted.Append(folder), p => Assert.DoesNotContain(p, said, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void The_verdict_is_the_same_with_and_without_names()
    {
        foreach (string path in Directory.GetDirectories(Repository.Path("fixtures", "cases")))
        {
            using JsonDocument plain = JsonDocument.Parse(Run(false, ["explain", path, "--json"])),
                redacted = JsonDocument.Parse(Run(false, ["explain", path, "--json", "--redact"]));
            Assert.Equal(Ids(plain), Ids(redacted));
        }

        static string[] Ids(JsonDocument json) => [.. json.RootElement.GetProperty("verdict").GetProperty("findings").EnumerateArray()
            .Select(f => f.GetProperty("id").GetString()!)];
    }

    [Fact]
    public void A_report_of_a_dump_has_no_names()
    {
        foreach (string[] form in (string[][])[[], ["--json"], ["-o", "-"]])
        {
            string redacted = Run(false, ["vmcore", "report", core.Path, "--redact", .. form]);
            Assert.DoesNotContain(core.Path, redacted, StringComparison.Ordinal);
            Assert.Contains("lab_mutex", redacted, StringComparison.Ordinal);
            Assert.Contains("Linux 6.1.0-50-amd64", redacted, StringComparison.Ordinal);
        }
    }

    private static void Write(string path, string host) => File.WriteAllLines(path, new[]
    {
        "Linux version 6.1.0-31-amd64 (bob5ecret@build5ecret) (gcc 12) #1 SMP",
        "Command line: BOOT_IMAGE=/boot/vmlinuz ro root=UUID=5ec2e7aa-0000-4000-8000-5ec2e75ec2e7 password=hunter5ecret crashkernel=512M",
        "DMI: Dell Inc. PowerEdge R740/X, BIOS 2.19.1 06/04/2023",
        "nvme nvme0: controller is down; will reset: CSTS=0xffffffff, PCI_STATUS=0xffff",
        "nvme nvme0: Removing after probe failure status: -19",
        "nfs: server nas5ecret.corp.example not responding, timed out",
        "systemd[1]: dev-disk-by\\x2duuid-5ec2e7aa\\x2d0000\\x2d4000\\x2d8000\\x2d5ec2e75ec2e7.device: Job " +
            "dev-disk-by\\x2duuid-5ec2e7aa\\x2d0000\\x2d4000\\x2d8000\\x2d5ec2e75ec2e7.device/start timed out.",
        "systemd[1]: Timed out waiting for device dev-disk-by\\x2duuid-5ec2e7aa\\x2d0000\\x2d4000\\x2d8000\\x2d5ec2e75ec2e7.device.",
        "EXT4-fs error (device nvme0n1p1): ext4_lookup:1234: inode #2: comm x: iget: 52:54:00:91:82:73 of " + host,
        "BUG: unable to handle page fault for address: 0000000000000091",
        $"Kernel panic - not syncing: {host} is down, ask 10.91.82.73 or 52:54:00:91:82:73",
    }.Select((line, i) => $"2026-11-01T02:11:{36 + i}.000000+00:00 {host} kernel: [  100.00000{i % 10}] {line}"));

    private static string Run(bool screen, string[] args)
    {
        StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
        Terminal terminal = screen ? new Terminal(true, false, 60) { Screen = true, Rows = 24, Columns = 60 } : Terminal.Plain;
        int code = Kdt.Run(args, output, error, () => Stream.Null, terminal);
        Assert.True(code is 0 or 1, $"{code}: {error}{output}");
        return output.ToString();
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
