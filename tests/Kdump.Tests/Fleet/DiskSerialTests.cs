using System.IO.Compression;
using Kdump.Fleet.Scans;
using Kdump.Sources.Records;

namespace Kdump.Tests.Fleet;

/// <summary>A crash's record names the disk that failed with its serial number, from whatever input of the machine tells it.</summary>
public sealed class DiskSerialTests : IDisposable
{
    private const string Failed = "sd 2:0:0:0: [sda] tag#3 Sense Key : Medium Error [current]|sd 2:0:0:0: [sda] tag#3 Add. Sense: " +
        "Unrecovered read error|critical medium error, dev sda, sector 123456 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 2",
        NvmeFailed = "nvme nvme0: controller is down; will reset: CSTS=0x3, PCI_STATUS=0x10|nvme nvme0: Removing after probe failure " +
            "status: -19";

    private readonly MadeUpFleet fleet = new();

    /// <summary>Lines beside the log, and the number of the failed sda that they tell; null: none.</summary>
    public static TheoryData<string, string, string?> Reports => new()
    {
        { "smartctl of ATA", "# smartctl -i /dev/sda|smartctl 7.3 2022-02-28 r5338|Device Model:     ST4000NM0035-1V4107|" +
            "Serial Number:    ZC12ABCD|LU WWN Device Id: 5 000c50 0a1b2c3d4", "ZC12ABCD" },
        { "smartctl of SAS", "root@web-1:~# smartctl -a /dev/sda|Vendor:               SEAGATE|Serial number:        S0K1ABCD0000",
            "S0K1ABCD0000" },
        { "smartctl of a partition's disk", "$ smartctl -x -d sat /dev/sda1|Serial Number:    ZC12ABCD", "ZC12ABCD" },
        { "smartctl as JSON", "{|  \"device\": {|    \"name\": \"/dev/sda\",|    \"info_name\": \"/dev/sda [SAT]\",|  },|" +
            "  \"model_name\": \"ST4000NM0035-1V4107\",|  \"serial_number\": \"ZC12ABCD\",", "ZC12ABCD" },
        { "smartd", "Nov  1 02:11:30 web-1 smartd[811]: Device: /dev/sda [SAT], ST4000NM0035-1V4107, S/N:ZC12ABCD, " +
            "WWN:5-000c50-0a1b2c3d4, " +
            "FW:TN03, 4.00 TB", "ZC12ABCD" },
        { "smartd of SAS", "smartd[811]: Device: /dev/sda, [SEAGATE  ST300MM0006      LS08], lu id: 0x5000c5006b, S/N: S0K1ABCD, 300 GB",
            "S0K1ABCD" },
        { "hdparm -I", "/dev/sda:||ATA device, with non-removable media|\tModel Number:       ST4000NM0035-1V4107|" +
            "\tSerial Number:      ZC12ABCD|\tFirmware Revision:  TN03", "ZC12ABCD" },
        { "hdparm -i", "/dev/sda:|| Model=ST4000NM0035-1V4107, FwRev=TN03, SerialNo=ZC12ABCD| Config={ HardSect }", "ZC12ABCD" },
        { "sg_inq", "# sg_inq /dev/sda|standard INQUIRY:| Vendor identification: SEAGATE| Unit serial number: S0K1ABCD0000",
            "S0K1ABCD0000" },
        { "lsblk", "NAME   SERIAL     SIZE MODEL|sda    ZC12ABCD 931.5G ST1000|├─sda1            512M |└─sda2            931G |sdb    " +
            "ZC99WXYZ 931.5G ST1000",
            "ZC12ABCD" },
        { "lsblk by path", "NAME     MODEL SERIAL|/dev/sda ST1   ZC12ABCD", "ZC12ABCD" },
        { "lsblk as pairs", "NAME=\"sda\" KNAME=\"sda\" MODEL=\"ST1\" SERIAL=\"ZC12ABCD\" SIZE=\"1T\"", "ZC12ABCD" },
        { "lsblk as JSON", "   \"blockdevices\": [|      {|         \"name\": \"sda\",|         \"serial\": \"ZC12ABCD\",|" +
            "         \"children\": [|            {\"name\": \"sda1\", \"serial\": null}|", "ZC12ABCD" },
        { "udevadm info", "P: /devices/pci0000:00/0000:00:17.0/ata3/host2/target2:0:0/2:0:0:0/block/sda|N: sda|E: DEVNAME=/dev/sda|" +
            "E: ID_BUS=ata|E: ID_SERIAL=ST4000NM0035-1V4107_ZC12ABCD|E: ID_SERIAL_SHORT=ZC12ABCD|", "ZC12ABCD" },
        { "udevadm info, properties", "DEVNAME=/dev/sda|ID_BUS=scsi|ID_SCSI_SERIAL=S0K1ABCD|ID_SERIAL_SHORT=5000c50006b1c2d3|" +
            "DEVNAME=/dev/sdb|ID_BUS=ata|ID_SERIAL_SHORT=OTHER1", "S0K1ABCD" },
        { "udevadm info -a", "  looking at device '/devices/x/block/sda':|    KERNEL==\"sda\"|    ATTR{serial}==\"ZC12ABCD\"", "ZC12ABCD" },
        { "lshw", "        *-disk|             product: ST4000|             logical name: /dev/sda|             serial: ZC12ABCD|" +
            "           *-volume:0|                logical name: /dev/sda1|                serial: 0c6b-2d3e", "ZC12ABCD" },
        { "ls -l of by-id", "# ls -l /dev/disk/by-id/|lrwxrwxrwx 1 root root  9 Nov  1 02:00 ata-ST4000NM0035-1V4107_ZC12ABCD -> " +
            "../../sda|" +
            "lrwxrwxrwx 1 root root 10 Nov  1 02:00 ata-ST4000NM0035-1V4107_ZC12ABCD-part1 -> ../../sda1", "ZC12ABCD" },
        { "mpt3sas", "[    4.100000] scsi 2:0:0:0: serial_number(            ZC12ABCD)|[    4.200000] sd 2:0:0:0: [sda] Attached SCSI " +
            "disk", "ZC12ABCD" },
        { "a USB disk", "[    4.000000] usb 1-1: SerialNumber: 0123ABCD4567|[    4.050000] scsi host2: usb-storage 1-1:1.0|" +
            "[    4.200000] sd 2:0:0:0: [sda] Attached SCSI disk", "0123ABCD4567" },
        { "two that agree", "# smartctl -i /dev/sda|Serial Number:    ZC12ABCD||/dev/sda:|\tSerial Number:      ZC12ABCD", "ZC12ABCD" },
        { "the disk's own answer before its bridge's", "DEVNAME=/dev/sda|ID_BUS=usb|ID_SERIAL_SHORT=BRIDGE01||# smartctl -i /dev/sda|" +
            "Serial Number:    ZC12ABCD", "ZC12ABCD" },
        { "two that differ", "# smartctl -i /dev/sda|Serial Number:    ZC12ABCD||# smartctl -i /dev/sda|Serial Number:    ZC99WXYZ", null },
        { "another disk", "# smartctl -i /dev/sdb|Serial Number:    ZC12ABCD", null },
        { "a disk behind a controller", "# smartctl -i -d megaraid,3 /dev/sda|Serial Number:    ZC12ABCD", null },
        { "one behind a controller as JSON", "    \"name\": \"/dev/sda\",|    \"info_name\": \"/dev/sda [megaraid_disk_03] [SAT]\",|" +
            "  \"serial_number\": \"ZC12ABCD\",", null },
        { "smartd behind a controller",
            "smartd[811]: Device: /dev/sda [megaraid_disk_00], [SEAGATE ST300], lu id: 0x5, S/N: S0K1ABCD, 300 GB",
            null },
        { "no command names the disk", "Serial Number:    ZC12ABCD", null },
        { "another command came between", "# smartctl -H /dev/sda|SMART overall-health self-assessment test result: PASSED|# dmidecode|" +
            "Handle 0x0001|System Information|\tSerial Number: CZ3J4K", null },
        { "a volume's id", "        *-disk|             logical name: /dev/sda|           *-volume:0|             logical name: " +
            "/dev/sda1|" +
            "                serial: 0c6b-2d3e", null },
        { "a world-wide name", "DEVNAME=/dev/sda|ID_BUS=scsi|ID_SERIAL_SHORT=5000c50006b1c2d3", null },
        { "nothing told", "# smartctl -i /dev/sda|Serial Number:    [No Information Found]", null },
        { "a partition's row", "NAME   SERIAL     SIZE|sda               931G|└─sda1 ZC12ABCD 512M", null },
        { "a table without the column", "NAME   SERIAL   SIZE|sdb    ZC99     1T|NAME   MAJ:MIN SIZE|sda    8:0     1T", null },
        { "a mouse", "[    4.000000] usb 1-1: SerialNumber: 0123ABCD4567|[    4.200000] sd 2:0:0:0: [sda] Attached SCSI disk", null },
        { "an NVMe disk", "# nvme id-ctrl /dev/nvme0|NVME Identify Controller:|vid       : 0x144d|sn        : S3Z1NX0K", null },
    };

    [Theory]
    [MemberData(nameof(Reports))]
    public void The_failed_disk_has_the_serial_number_that_a_report_of_it_tells(string what, string lines, string? serial)
    {
        Assert.NotEmpty(what);
        Assert.Contains(serial is null ? "sda" : $"sda, serial {serial}", Parts(Failed, lines));
    }

    [Theory]
    [InlineData("# nvme id-ctrl /dev/nvme0|NVME Identify Controller:|vid       : 0x144d|sn        : S3Z1NX0K123456      |mn        : " +
        "SAMSUNG", "S3Z1NX0K123456")]
    [InlineData("Node             SN                   Model                    Namespace|---------------- -------------------- " +
        "------------------------ ---------|/dev/nvme0n1     S3Z1NX0K123456       SAMSUNG MZWLL800HEHP     1", "S3Z1NX0K123456")]
    [InlineData("Node                  Generic               SN                   Model|--------------------- --------------------- " +
        "-------------------- -----|/dev/nvme0n1          /dev/ng0n1            S3Z1 NX0K             SAMSUNG", "S3Z1 NX0K")]
    [InlineData("  \"DevicePath\" : \"/dev/nvme0n1\",|  \"Firmware\" : \"X\",|  \"SerialNumber\" : \"S3Z1NX0K123456\",", "S3Z1NX0K123456")]
    [InlineData("# smartctl -i /dev/nvme0|Model Number:                       SAMSUNG|Serial Number:                      S3Z1NX0K123456",
        "S3Z1NX0K123456")]
    [InlineData("lrwxrwxrwx 1 root root 13 Nov  1 02:00 nvme-SAMSUNG_MZWLL800HEHP_S3Z1NX0K123456 -> ../../nvme0n1|lrwxrwxrwx 1 root " +
        "root 13 Nov  1 02:00 nvme-SAMSUNG_MZWLL800HEHP_S3Z1NX0K123456_1 -> ../../nvme0n1|lrwxrwxrwx 1 root root 13 Nov  1 02:00 " +
        "nvme-eui.0025384b -> ../../nvme0n1", "S3Z1NX0K123456")]
    [InlineData("# nvme id-ctrl /dev/nvme1|sn        : S3Z1NX0K123456", null)]
    public void A_controller_and_its_namespaces_have_one_number(string lines, string? serial) =>
        Assert.Contains(Parts(NvmeFailed, lines), p => serial is null ? p == "nvme0" : p == $"nvme0, serial {serial}");

    [Theory]
    [InlineData("sos_commands/ata/smartctl_-a_.dev.sda", "Serial Number:    ZC12ABCD", "ZC12ABCD")]
    [InlineData("smartctl-sda.txt", "=== START OF INFORMATION SECTION ===\nSerial Number:    ZC12ABCD", "ZC12ABCD")]
    [InlineData("sos_commands/ata/hdparm_-I_.dev.sda", "\n/dev/sda:\n\n\tSerial Number:      ZC12ABCD", "ZC12ABCD")]
    [InlineData("sos_commands/ata/smartctl_-a_.dev.sdb", "Serial Number:    ZC12ABCD", null)]
    [InlineData("sos_commands/megaraid/smartctl_-d_megaraid.3_-a_.dev.sda", "Serial Number:    ZC12ABCD", null)]
    [InlineData("notes-of-sda.txt", "Serial Number:    ZC12ABCD", null)]
    public void The_name_of_a_file_in_an_archive_tells_which_disk_a_report_is_of(string name, string text, string? serial)
    {
        string log = Log(Failed);
        string archive = Path.Combine(fleet.Folder, "report.zip");
        using (ZipArchive zip = ZipFile.Open(archive, ZipArchiveMode.Create))
        {
            zip.CreateEntryFromFile(log, "var/log/messages");
            using var member = new StreamWriter(zip.CreateEntry(name).Open());
            member.Write(text + "\n");
        }
        Assert.Contains(serial is null ? "sda" : $"sda, serial {serial}", Assert.Single(RecordMaker.Of([archive]).Crashes).Hardware);
    }

    [Fact]
    public void With_a_key_the_number_is_replaced_by_one_that_the_key_makes()
    {
        string log = Log(Failed);
        File.AppendAllText(log, "# smartctl -i /dev/sda\nSerial Number:    ZC12ABCD\n");
        string Redacted(string key) =>
            Assert.Single(Assert.Single(new Redaction(key).Of(RecordMaker.Of([log])).Crashes).Hardware, h =>
                h.StartsWith("sda", StringComparison.Ordinal));
        string one = Redacted("a key of some length");
        Assert.StartsWith("sda, serial #", one, StringComparison.Ordinal);
        Assert.DoesNotContain("ZC12", one, StringComparison.Ordinal);
        Assert.Equal(one, Redacted("a key of some length"));
        Assert.NotEqual(one, Redacted("another key than that"));
    }

    [Fact]
    public void A_collection_tells_it_by_udevs_database_and_links()
    {
        var parts = new Dictionary<string, string>
        {
            ["sys/class/block/sda/dev"] = "8:0\n", ["run/udev/data/b8:0"] = "S:disk/by-id/x\nE:ID_BUS=ata\nE:ID_SERIAL_SHORT=ZC12ABCD\n",
            ["collect.json"] = "{}", ["proc/version"] = "Linux version 6.1.0-31-amd64 (a@b) #1 SMP\n",
            ["commands/dmesg"] = string.Join('\n', File.ReadAllLines(Log(Failed)).Select(l =>
                l[l.IndexOf('[', StringComparison.Ordinal)..])) + "\n",
        };
        string folder = Path.Combine(fleet.Folder, "collected");
        foreach ((string name, string text) in parts)
        {
            string path = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }
        Assert.Contains("sda, serial ZC12ABCD", Assert.Single(RecordMaker.Of([folder]).Crashes).Hardware);
    }

    public void Dispose() => fleet.Dispose();

    private IReadOnlyList<string> Parts(string failed, string lines)
    {
        string log = Log(failed);
        File.AppendAllText(log, "\n" + lines.Replace('|', '\n') + "\n");
        return Assert.Single(RecordMaker.Of([log]).Crashes).Hardware;
    }

    private string Log(string failed)
    {
        string log = fleet.Log("web-1");
        File.AppendAllLines(log, failed.Split('|').Select((l, i) =>
            $"2026-11-01T02:11:36.00000{i}+00:00 web-1 kernel: [  200.00000{i}] {l}"));
        return log;
    }
}
