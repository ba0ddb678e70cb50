using Kdump.Diagnosis.MachineChecks.Amd;
using Kdump.Diagnosis.MachineChecks.Mcelog;
using Kdump.Diagnosis.MachineChecks.Records;

namespace Kdump.Diagnosis.MachineChecks;

/// <summary>A machine check, decoded.</summary>
public sealed class MceEvent
{
    private readonly List<string> notes = [];

    private MceEvent(MachineCheck record, Cpu model, uint amdFamily)
    {
        Record = record;
        Model = model;
        (Kind, Words) = MceWords.Of(record, model, amdFamily);
        Verdict = Judge(record, model);
    }

    public MachineCheck Record { get; }

    public Cpu Model { get; }

    public MceKind Kind { get; }

    /// <summary>The processor is AMD's (or Hygon's), by the record or by the machine that it is of.</summary>
    public bool IsAmd { get; private init; }

    /// <summary>
    /// Nothing tells whose processor it is, and on an AMD K8 or K10 the record is an ECC error of memory, elsewhere one of a bus.
    /// </summary>
    public bool DramIfAmd { get; private init; }

    /// <summary>The error code in words.</summary>
    public string Words { get; }

    /// <summary>The unit that the bank belongs to; empty where the processor is not known or its manual does not tell.</summary>
    public string Unit { get; private init; } = "";

    /// <summary>The kernel's verdict by its own rules.</summary>
    public MceVerdict Verdict { get; }

    /// <summary>The record in the layout of the tool that people compare with: mcelog's, followed by edac_mce_amd's for AMD.</summary>
    public IReadOnlyList<string> Lines { get; private init; } = [];

    /// <summary>What those lines leave out, or get wrong.</summary>
    public IReadOnlyList<string> Notes => notes;

    /// <summary>corrected, deferred, recoverable, uncorrected or fatal.</summary>
    public string Severity
    {
        get
        {
            if (Record.Status is null)
                return "unknown";
            if (Record.Empty)
                return "empty";
            return Verdict.Level switch
            {
                "PANIC" => "fatal",
                "AR" or "AO" => "recoverable",
                "DEFERRED/UCNA" => Record.IsAmd ? "deferred" : "uncorrected",
                _ when !Record.Uncorrected => "corrected",
                _ => Verdict.Panics || Record.ContextCorrupt ? "fatal" : "uncorrected",
            };
        }
    }

    public bool Fatal => Severity == "fatal";

    /// <summary>
    /// The processor's own judgement of corrected errors (MCi_STATUS[54:53] of those with MCG_TES_P): so many that worse is to be expected.
    /// </summary>
    public bool Yellow => Lines.Any(l => l.StartsWith("Threshold based error status: yellow", StringComparison.Ordinal));

    /// <summary>The processor in words, as far as the record or its input tells; empty where they do not.</summary>
    public string Processor { get; private init; } = "";

    /// <summary>
    /// ADDR is in a range that only firmware uses before it hands over: cache used as memory (fef0_0000), the flash chip below 4
    /// GiB.
    /// </summary>
    public bool FirmwareAddress => Record.Addr is >= 0xfed0_0000 and <= 0xffff_ffff;

    /// <summary>
    /// Found in a bank and not signalled: what a reset or firmware left there. A context-corrupt error that this kernel met would have
    /// stopped it in the machine check handler.
    /// </summary>
    public bool LeftOver => Record.HasStatus && !Record.Exception && Record.Package is null &&
        ((Record.LogTime is < 5 && Record.Uncorrected) || (Record.ContextCorrupt && Record.McgStatus is 0));

    public static MceEvent Decode(MachineCheck record, Cpu? forced, CpuId? machine, uint? machineVendor)
    {
        uint? vendor = record.Vendor ?? (record.Id is null ? machineVendor : null);
        CpuId? id = record.Id ?? machine;
        Cpu model = forced ?? id switch
        {
            { } known => McelogText.CpuOf(vendor ?? 0, known),
            _ when record.IsAmd => Cpu.Generic,
            _ => Cpu.Intel,
        };
        bool amd = record.IsAmd || vendor is 2 or 9;
        (List<string> lines, IReadOnlyList<string> remarks) = Describe(record, model, amd);
        string processor;
        if (amd)
            processor = id is { Family: > 0 } amdId ? AmdGenerations.Words(amdId) : "";
        else
            processor = model is Cpu.Intel or Cpu.Generic ? "" : CpuNames.Words(model);
        uint family = id?.Family ?? (model == Cpu.K8 ? 0xfu : 0);
        bool told = vendor is not null || id is not null || forced is not null || amd;
        var e = new MceEvent(record, model, amd || model == Cpu.K8 ? family : 0)
        {
            IsAmd = amd || model == Cpu.K8,
            DramIfAmd = !told && AmdNorthbridge.MayBeDram(record),
            Lines = lines,
            Unit = amd ? "" : MceWords.Unit(model, record.Bank ?? -1).Words,
            Processor = processor,
        };
        e.notes.AddRange(remarks);
        e.Remark(record, forced, id);
        return e;
    }

    private static (List<string> Lines, IReadOnlyList<string> Notes) Describe(MachineCheck r, Cpu model, bool amd)
    {
        using var output = new StringWriter { NewLine = "\n" };
        var mcelog = new McelogText(output, new McelogOptions(model));
        McelogRecord record = ToMcelog(r);
        mcelog.Write(record);
        if (r.KernelForm)
            output.Write(
                $"SOCKET {r.Socket}{(r.Apic is { } apic ? $" APIC {apic:x}" : "")}" +
                (r.Microcode is { } rev ? $" microcode {rev:x}\n" : "\n"));
        var notes = new List<string>(mcelog.ModelText(record).Notes);
        if (amd && r.HasStatus)
        {
            var edac = new DecodedText();
            EdacText.Write(r, edac);
            output.Write(edac.ToString());
            notes.AddRange(edac.Notes);
        }
        return (output.ToString().TrimEnd('\n').Split('\n').ToList(), notes);
    }

    /// <summary>
    /// What mcelog prints where it misreads the head: the set of characters that it skips behind "Machine Check" holds c to f, so a
    /// global status that begins with one of them loses digits and the record falls apart. Empty where it reads the head well.
    /// </summary>
    public IReadOnlyList<string> McelogMisreads
    {
        get
        {
            if (Record.Via is not null || Record.McgStatus is not { } mcg || $"{mcg:x}"[0] < 'c' || !Record.Sources[0]
                .Text.Contains("Machine Check", StringComparison.Ordinal))
                return [];
            using var input = new StringReader(string.Concat(Record.Sources.Select(s => s.Text + "\n")));
            using var output = new StringWriter { NewLine = "\n" };
            McelogText.Write(input, output, new McelogOptions());
            return output.ToString().Split('\n').Where(l => l.Length > 0 && !Lines.Contains(l)).ToArray();
        }
    }

    private static McelogRecord ToMcelog(MachineCheck r)
    {
        var m = new McelogRecord
        {
            Cpu = r.Cpu ?? 0, Bank = r.Bank is -1 ? 255 : r.Bank ?? 0, Status = r.Status ?? 0, McgStatus = r.McgStatus ?? 0,
                McgCap = r.McgCap ?? 0,
            Misc = r.Misc ?? 0, Addr = r.Addr ?? 0, Tsc = r.Tsc ?? 0, Time = r.Time ?? 0, Ip = r.Ip ?? 0, Cs = r.Cs ?? 0,
            Symbol = r.Symbol is null ? "" : (r.Symbol + "}").Split(' ')[0], CpuVendor = r.Vendor ?? 0, CpuId = r.Id?.Value ?? 0,
        };
        m.Fill(McelogRecord.BankEnd);
        if (r.McgCap is not null)
            m.Fill(McelogRecord.CapEnd);
        if (!r.KernelForm)
        {
            m.Socket = r.Socket ?? 0;
            m.Apic = r.Apic ?? 0;
            if (r.Apic is not null)
                m.Fill(McelogRecord.ApicEnd);
            if (r.Socket is not null)
                m.Fill(McelogRecord.SocketEnd);
        }
        return m;
    }

    private static MceVerdict Judge(MachineCheck r, Cpu model)
    {
        if (r.Status is not { } status)
            return new("", "");
        MceContext context = r.Cs is { } cs && (cs & 3) == 3 ? MceContext.User : MceContext.Kernel;
        MceVerdict amd = r.IsAmd ? MceSeverity.Amd(status, context, recovers: r.IsScalable) : new("", "");
        // Where the processor stood is often not printed: the level is the worse one then, and nothing is said of the place.
        bool anywhere = r is { Cs: null, ContextCorrupt: false, Uncorrected: true, IsScalable: true };
        return r.IsAmd ? amd with { Rule = anywhere ? "Uncorrected error" : amd.Rule }
            : MceSeverity.Intel(status, r.McgStatus ?? 0, context, r.Exception, Recovers(r, model), r.Bank ?? 0, r.Id);
    }

    /// <summary>
    /// Software recovery: MCG_CAP shows it, but the kernel does not print that; otherwise servers have it, and a record with S or
    /// AR shows it.
    /// </summary>
    private static bool Recovers(MachineCheck r, Cpu model) =>
        r.McgCap is { } cap ? (cap & MciStatus.SerP) != 0
        : (r.Status & (MciStatus.S | MciStatus.Ar)) is > 0 ||
            model is Cpu.Xeon75xx or Cpu.SandyBridgeEp or Cpu.IvyBridgeEpEx or Cpu.HaswellEpEx or Cpu.BroadwellEpEx or
            Cpu.BroadwellDe or Cpu.SkylakeXeon or Cpu.IceLakeXeon or Cpu.IceLakeDe or Cpu.SapphireRapids or Cpu.EmeraldRapids or
                Cpu.GraniteRapids or
            Cpu.SierraForest or Cpu.ClearwaterForest or Cpu.DiamondRapids;

    private void Remark(MachineCheck r, Cpu? forced, CpuId? id)
    {
        if (r.Id is null && forced is null)
        {
            notes.Add(id switch
            {
                not null => "this record has no PROCESSOR line: decoded for the processor that other records of the input name",
                _ when r.IsAmd => "this record names no processor: family and model are unknown",
                _ => "no PROCESSOR line: only what holds for every processor is decoded (--cpu NAME names yours)",
            });
        }
        if (r.FromFirmware)
            notes.Add(
                "bank 255 is not a bank: firmware reported the error and the kernel passed it on, with a status made up from the report");
        if ((r.Status & MciStatus.MiscV) is > 0 && r.Misc is null)
            notes.Add(r.Tsc is null ? "MISC is valid but not in the log: nothing of it is decoded"
                : "MISC is valid and was not printed: the kernel leaves out a MISC of zero");
        if ((r.Status & MciStatus.AddrV) is > 0 && r.Addr is null && r.Tsc is null)
            notes.Add("ADDR is valid but not in the log");
        if ((r.Status & MciStatus.En) is 0 && r.HasStatus && r.Uncorrected)
            notes.Add("not enabled (EN=0): the error was recorded without raising a machine check");
        // The kernel takes the TSC of what happens while it runs, and none of what it finds at its start (mce/core.c MCP_TIMESTAMP).
        if (r.LogTime is < 5 && !r.Exception && r.HasStatus && r.Tsc is null or 0)
            notes.Add(
                "logged at boot: left over from before the reset, which the banks survive when it is a warm one; " +
                "not an error of this boot");
        if (r.Empty)
            notes.Add(r.Status == ulong.MaxValue ? "every bit of the status reads as one: nothing answered; no error is recorded"
                : "VAL is clear: the status is not valid and holds no error");
        if (FirmwareAddress && r.Uncorrected && !r.Exception)
            notes.Add($"ADDR 0x{r.Addr:x} lies where firmware works before the kernel starts (cache as memory, flash chip)");
        if (Recovers(r, Model) && (r.Status & MciStatus.AddrV) is > 0 && r.AddressMode is { } mode and (<= 3 or 7) &&
            r.AddressBits is > 0 and < 64 && r.RootPort is null)
            notes.Add(
                "ADDR is a " +
                    (mode switch
                    {
                        0 => "segment offset", 1 => "linear address", 2 => "physical address", 3 => "memory address",
                        _ => "generic address",
                    }) +
                    ", exact to " + (r.AddressBits < 40 ? $"{1UL << r.AddressBits} bytes" : $"bit {r.AddressBits}"));
        if (r.Overflow)
            notes.Add(r.Uncorrected
                ? "overflow: another error met the full bank; an uncorrected one keeps its record and displaces corrected ones"
                : "overflow: further errors met the full bank and were not recorded");
        if (r.RootPort is { } port)
            notes.Add(
                $"root port {port} passed the error on: " +
                "look for AER and IOMMU lines of the devices behind it; the processor is only the messenger");
        if (CorrectedCount is > 1)
            notes.Add($"{CorrectedCount} errors in one record (the bank counts corrected errors)");
        if (Model == Cpu.DiamondRapids && r.KernelForm && ((r.Apic >> 2) & 1) is > 0)
            notes.Add("the APIC id says hub 1 (IMH1); mcelog does not read it in this form and prints IMH0");
        if (r.IsAmd)
            RemarkAmd(r);
        if (r.Ppin is { } ppin)
            notes.Add($"PPIN {ppin:x}: the serial number of this processor");
    }

    private void RemarkAmd(MachineCheck r)
    {
        if (r.Ipid is { } ipid && r.Status is { } status && Smca.Find(ipid) is { } unit)
        {
            if (unit.Name != "RESERVED")
                notes.Add(
                    $"{unit.Words} ({unit.Name}): {unit.Meaning(status, r.Id ?? default) ?? "extended code without a known meaning"}");
            if (unit.Location(status, ipid, r.Synd, r.Id ?? default) is { } location)
                notes.Add(location);
        }
        if (r.FruText is { } fru)
            notes.Add($"the firmware's name for the part: {fru}");
        if ((r.Status & MciStatus.Poison) is > 0)
            notes.Add("poison: the data was already known to be bad when it was used");
        if ((r.Status & MciStatus.Uecc) is > 0 && (r.Status & MciStatus.Deferred) is > 0)
            notes.Add("deferred: the bad data was marked and has not been used yet");
    }

    /// <summary>
    /// MCi_STATUS[52:38] of processors that count (MCG_CMCI_P): known from MCG_CAP, else believed where the count is small enough to be
    /// one.
    /// </summary>
    public ulong? CorrectedCount
    {
        get
        {
            if (Record.Status is not { } s || Record.IsAmd || Record.Uncorrected ||
                Model is Cpu.Generic or Cpu.P4 or Cpu.P6Old or Cpu.Core2 or Cpu.Tulsa or Cpu.Dunnington or Cpu.Atom)
                return null;
            if (Record.McgCap is { } cap && (cap & MciStatus.CmciP) == 0)
                return null;
            ulong count = (s >> 38) & 0x7fff;
            return count > 0 ? count : null;
        }
    }
}
