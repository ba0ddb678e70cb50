using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Rules;
using Kdump.Diagnosis.Text;
using Kdump.Sources.Cases;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Records;

/// <summary>
/// The parts of a machine that its findings of hardware name: a memory module, devices by their addresses, disks; a disk with its
/// serial number if an input of the machine has it, and no input has another.
/// </summary>
public sealed class InvolvedParts
{
    private const string Number = ", serial ";

    /// <summary>Disks by port numbers of libata and addresses of NVMe controllers.</summary>
    private readonly Dictionary<string, string?> places = new(StringComparer.Ordinal);

    private readonly Dictionary<string, string?> serials = new(StringComparer.Ordinal);

    public InvolvedParts(CaseMachine machine)
    {
        var told = new Facts();
        foreach (DiskListing listing in machine.Facts.Of<DiskListing>())
        {
            foreach (DiskLink link in listing.Links)
                Linked(listing.Source, link.Name, link.Target, told);
        }
        if (machine.Tree is { } tree)
            OfTree(tree, told);
        foreach (IGrouping<string, DiskPlace> same in machine.Facts.Of<DiskPlace>().Concat(told.Of<DiskPlace>()).GroupBy(p => p.Place))
            places[same.Key] = Only(same.Select(p => p.Disk));
        foreach (IGrouping<string, DiskSerial> same in machine.Facts.Of<DiskSerial>().Concat(told.Of<DiskSerial>())
            .GroupBy(d => DiskNames.Key(d.Disk)))
            serials[same.Key] = Only(same.Any(d => d.Own) ? same.Where(d => d.Own).Select(d => d.Serial) : same.Select(d => d.Serial));
    }

    public IEnumerable<string> Of(Finding finding)
    {
        if (Entries.Find(finding.Id)?.Area != Area.Hardware)
            yield break;
        if (finding.Memory is { Place.Length: > 0 } memory)
            yield return memory.Place;
        foreach (string part in $"{finding.Subject} {finding.Title}".Split([' ', ',', ';', '(', ')', '[', ']', '/'],
            StringSplitOptions.RemoveEmptyEntries))
        {
            string word = part.TrimEnd(':', '.');
            if (PciAddress.TryParse(word, out PciAddress address))
            {
                yield return address.ToString();
                if (places.GetValueOrDefault(address.ToString()) is { } at)
                    yield return WithSerial(at);
            }
            else if (DiskNames.Of(word) is { } disk)
                yield return WithSerial(disk);
            else if (word.StartsWith("ata", StringComparison.Ordinal) && places.GetValueOrDefault(word.Split('.')[0]) is { } behind)
                yield return WithSerial(behind);
        }
    }

    /// <summary>
    /// The part without identifying numbers: PCI addresses and kernel disk names stay, serial numbers and all other names become
    /// marks.
    /// </summary>
    public static string Redacted(string part, Func<string, string> mark)
    {
        int at = part.IndexOf(Number, StringComparison.Ordinal);
        string name = at < 0 ? part : part[..at];
        name = PciAddress.TryParse(name, out _) || DiskNames.IsDisk(name) ? name : mark(name);
        return at < 0 ? name : name + Number + mark(part[(at + Number.Length)..]);
    }

    private string WithSerial(string disk) =>
        serials.GetValueOrDefault(DiskNames.Key(disk)) is { } serial ? disk + Number + serial : disk;

    /// <summary>
    /// The value that all agree on; null where they differ: a disk was exchanged, or disks changed their names at a boot.
    /// </summary>
    private static string? Only(IEnumerable<string> told)
    {
        string[] all = [.. told.Distinct(StringComparer.Ordinal).Take(2)];
        return all.Length == 1 ? all[0] : null;
    }

    /// <summary><c>ata-ST4000NM0035-1V4107_ZC12ABCD -> ../../sda</c>; udev puts a namespace's number behind that of an NVMe disk, and
    /// makes the link without it as well.</summary>
    private static void Linked(Source source, string name, string target, Facts told)
    {
        int bar = name.LastIndexOf('_');
        bool nvme = name.StartsWith("nvme-", StringComparison.Ordinal) && !name.StartsWith("nvme-eui.", StringComparison.Ordinal);
        if (bar < 0 || !(nvme || name.StartsWith("ata-", StringComparison.Ordinal)))
            return;
        string serial = name[(bar + 1)..], node = target[(target.LastIndexOf('/') + 1)..];
        if (DiskNames.IsDisk(node) && !(nvme && serial.Length < 4) && DiskSerial.Of(serial) is { } number)
            told.Add(new DiskSerial(source, node, number, Own: false));
    }

    /// <summary>Links, sysfs and udev's database of a collection.</summary>
    private static void OfTree(MachineTree tree, Facts told)
    {
        foreach (string name in tree.List("/dev/disk/by-id"))
        {
            if (tree.Link("/dev/disk/by-id/" + name) is { } target)
                Linked(new(tree.Shown("/dev/disk/by-id/" + name), target), name, target, told);
        }
        foreach (string name in tree.List("/sys/class/nvme").Concat(tree.List("/sys/class/block")).Where(n => DiskNames.IsDisk(n)))
        {
            string path = (name[0] == 'n' && DiskNames.Key(name) == name ? "/sys/class/nvme/" : "/sys/class/block/") + name;
            if (tree.Text(path + "/serial") is { } serial && DiskSerial.Of(serial) is { } own)
                told.Add(new DiskSerial(new(tree.Shown(path + "/serial"), serial, 1), name, own, Own: true));
            if (tree.Text(path + "/dev")?.Trim() is { Length: > 2 and < 12 } number && tree.Text("/run/udev/data/b" + number) is { } data)
                OfUdev(tree.Shown("/run/udev/data/b" + number), data, name, told);
        }
    }

    private static void OfUdev(string input, string data, string disk, Facts told)
    {
        var block = new UdevBlock();
        int at = 0;
        foreach (string row in data.Split('\n'))
            block.Line(row, new TextLine(input, ++at, row));
        block.End(told, disk);
    }
}
