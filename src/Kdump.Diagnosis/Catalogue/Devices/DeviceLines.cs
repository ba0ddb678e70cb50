using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Catalogue.Devices;

/// <summary>A driver said one of a family's words of one device, so many times in one kernel's life.</summary>
/// <param name="Device">The PCI address with its domain where that is known; else the name; else the driver.</param>
/// <param name="Taken">What the first of these lines holds where the wording has a place for it.</param>
public sealed record DeviceSaid(Source Source, DeviceFamily Family, DeviceWord Word, string Device, string Driver,
    IReadOnlyList<string> Taken) : Fact(Source)
{
    public PciAddress? Address { get; init; }

    /// <summary>The network interface, or the name a PCI function also has.</summary>
    public string? Name { get; init; }

    /// <summary>Of a SCSI disk host, channel, target and unit, where a line has told them: <c>1:0:2:0</c>.</summary>
    public string? ScsiPlace { get; init; }

    /// <summary>A later line takes it back.</summary>
    public bool Overcome { get; set; }

    public long Count { get; set; } = 1;

    public double? Time { get; init; }

    public double? LastTime { get; set; }

    /// <summary>Place of the last of these lines, in the order of <see cref="Source.Order"/>.</summary>
    public long LastOrder { get; set; }

    /// <summary>What the lines right behind it name, and how often: disks, modules.</summary>
    public SortedDictionary<string, int> Sequel { get; } = new(StringComparer.Ordinal);

    /// <summary>Different values of the last text taken: queues, sectors.</summary>
    public SortedSet<string> Values { get; } = new(StringComparer.Ordinal);
}

/// <summary>Looks for the words of all families in one pass. What it keeps is bounded: one fact for each word of each device.</summary>
public sealed class DeviceLines : BookParser
{
    private const int MaxFacts = 2048, MaxNames = 4096, MaxValues = 8;

    private static readonly (DeviceFamily Family, DeviceWord Word)[] Rows =
        [.. DeviceFamilies.All.SelectMany(f => f.Rows.Select(r => (f, r)))];

    /// <summary>Behind the rows: lines that only tell names.</summary>
    private static readonly (int Place, string Text)[] Book =
        [.. Rows.Select((r, i) => (i, r.Word.Literal)),
            (NoPlace, "renamed from"), (NoPlace, "pci function "), (NoPlace, "NVRM: The NVIDIA GPU"),
            (NoPlace, "] Attached SCSI ")];

    /// <summary>By row, device and code.</summary>
    private readonly Dictionary<(int Row, string Device, string Code), DeviceSaid> said = [];
    private readonly Dictionary<string, PciAddress> names = new(StringComparer.Ordinal);
    private readonly HashSet<string> several = new(StringComparer.Ordinal);

    /// <summary>Disks by their SCSI address (host:channel:target:lun), which some lines name alone.</summary>
    private readonly Dictionary<string, string> disks = new(StringComparer.Ordinal);

    /// <summary>The other way round.</summary>
    private readonly Dictionary<string, string> places = new(StringComparer.Ordinal);
    private readonly List<string> taken = [];
    private readonly DeviceSequel sequel = new();
    private Boot? boot;

    public override string Kind => "kernel log";

    public override IReadOnlyList<(int Place, string Text)> Texts => Book;

    public override bool Busy => sequel.Waits;

    public override bool Within(in TextLine line, Facts facts)
    {
        sequel.Read(line.Kernel.Message);
        return false;
    }

    public override bool Line(in TextLine line, Facts facts)
    {
        KernelLine kernel = line.Kernel;
        sequel.Read(kernel.Message);
        if (kernel.Message.StartsWith(ProbeMark.Prefix, StringComparison.Ordinal))
            return false;
        if (facts.Boot != boot)
        {
            boot = facts.Boot;
            said.Clear();
            names.Clear();
            several.Clear();
            disks.Clear();
            places.Clear();
        }
        DeviceHead head = DeviceHead.Parse(kernel.Message);
        Learn(head, kernel.Message);
        foreach (int row in Concerned)
        {
            (DeviceFamily family, DeviceWord word) = Rows[row];
            if ((kernel.Foreign && !family.AnySpeaker) || !word.Fits(head, kernel.Message, taken) ||
                family.Holds?.Invoke(taken) == false)
                continue;
            Add(row, head, kernel.Time, line, facts);
            return true;
        }
        return false;
    }

    public override void End(Facts facts)
    {
        sequel.End();
        boot = null;
        said.Clear();
        names.Clear();
        several.Clear();
        disks.Clear();
        places.Clear();
    }

    /// <summary>Host, channel, target and unit: <c>1:0:2:0</c>.</summary>
    private static bool IsScsi(string? name) => name?.Split(':') is { Length: 4 } parts &&
        Array.TrueForAll(parts, p => p.Length > 0 && p.All(char.IsAsciiDigit));

    /// <summary>mm/page_io.c names a block device by its numbers and the sector: <c>254:1:78162624</c>.</summary>
    private static string WithoutSector(string name) => name.Split(':') is [{ Length: > 0 }, { Length: > 0 }, { Length: > 0 }] parts &&
        Array.TrueForAll(parts, p => p.All(char.IsAsciiDigit)) ? $"{parts[0]}:{parts[1]}" : name;

    /// <summary>Names that stand beside a PCI address in one line belong to it.</summary>
    private void Learn(in DeviceHead head, ReadOnlySpan<char> message)
    {
        if (names.Count >= MaxNames)
            return;
        if (head.Driver is "sd" or "sr" or "st" or "ses" && !head.Name.IsEmpty && !head.Device.IsEmpty && disks.Count < MaxNames)
        {
            disks[head.Name.ToString()] = head.Device.ToString();
            places[head.Device.ToString()] = head.Name.ToString();
        }
        if (head.Address is { } address)
        {
            if (!head.Name.IsEmpty)
                names[head.Name.ToString()] = address;
            // The driver's name alone means its device as long as it has only one.
            string driver = head.Driver.ToString();
            if (names.TryGetValue(driver, out PciAddress known) && known != address)
                several.Add(driver);
            names[driver] = address;
        }
        else if (!head.Device.IsEmpty && message.Contains("pci function ", StringComparison.Ordinal) &&
            DeviceHead.AddressIn(head.Words) is { } function)
            names[head.Device.ToString()] = function;
    }

    private void Add(int row, in DeviceHead head, double? time, in TextLine line, Facts facts)
    {
        (DeviceFamily family, DeviceWord word) = Rows[row];
        string name;
        if (word.Headless)
            name = taken.Count > 0 && !word.Nameless ? WithoutSector(taken[0].Trim()) : "";
        else
            name = !head.Name.IsEmpty && head.Device.IsEmpty ? head.Name.ToString() : head.Device.ToString();
        string driver = word.Headless ? "" : head.Driver.ToString();
        string? second = !head.Name.IsEmpty && !word.Headless ? head.Name.ToString() : null;
        if (disks.TryGetValue(name, out string? disk))
            (name, second) = (disk, name);
        PciAddress? address = null;
        if (!word.Headless && head.Address is { } own)
            address = own;
        else if (PciAddress.TryParse(name, out PciAddress printed))
            address = printed;
        else if ((name.Length > 0 || !several.Contains(driver)) && names.TryGetValue(name.Length > 0 ? name : driver, out PciAddress known))
            address = known;
        string device = address?.ToString() ?? (name.Length > 0 ? name : driver);
        string code = family.Code > 0 && family.Code <= taken.Count ? taken[family.Code - 1] : "";
        if (word.Overcome)
        {
            // The rows of a family stand together.
            int other = row;
            while (other > 0 && ReferenceEquals(Rows[other - 1].Family, family))
                other--;
            for (; other < Rows.Length && ReferenceEquals(Rows[other].Family, family); other++)
            {
                if (said.TryGetValue((other, device, code), out DeviceSaid? told))
                    told.Overcome = true;
            }
            return;
        }
        if (said.TryGetValue((row, device, code), out DeviceSaid? before))
        {
            before.Count++;
            before.LastTime = time;
            before.LastOrder = line.ToSource().Order;
        }
        else
        {
            // The same line also tells of a first start: only behind trouble does it tell of a recovery.
            if (said.Count >= MaxFacts || (word.Recovered && !said.Values.Any(s => s.Family == family && !s.Word.Aftermath)))
                return;
            before = new DeviceSaid(line.ToSource(), family, word, device, driver, taken.ToArray())
            {
                Address = address,
                Name = second ?? (name.Length > 0 && name != device ? name : null),
                ScsiPlace = new[] { second, name }.FirstOrDefault(IsScsi) ?? places.GetValueOrDefault(name),
                Time = time,
                LastTime = time,
                LastOrder = line.ToSource().Order,
            };
            said[(row, device, code)] = before;
            facts.Add(before);
        }
        sequel.Begin(before, line.Kernel.Message);
        if (taken.Count > (word.Headless ? 1 : 0) && before.Values.Count < MaxValues)
            before.Values.Add(taken[^1].Trim());
    }
}
