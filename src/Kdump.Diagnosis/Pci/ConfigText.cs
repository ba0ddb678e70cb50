using System.Buffers.Binary;

namespace Kdump.Diagnosis.Pci;

/// <summary>
/// Config space of one PCI function in the words of <c>lspci -vvv -n</c> (pciutils 3.13 and later), as far as diagnosis needs it: what the
/// device is, bus mastering, bridges, BARs, links, interrupts, error reporting, isolation, virtual functions. PCI Local Bus 3.0
/// chapter 6, PCI Express Base Specification chapter 7. What a short dump does not hold is not printed.
/// </summary>
public sealed class ConfigText
{
    private readonly byte[] bytes;
    private readonly List<string> lines = [];
    private int portType = -1;

    private ConfigText(ReadOnlySpan<byte> space) => bytes = space.ToArray();

    /// <summary>The lines; none when not even the header's first 16 bytes are there.</summary>
    public static IReadOnlyList<string> Of(PciAddress address, ReadOnlySpan<byte> space)
    {
        var text = new ConfigText(space);
        if (space.Length < 64 || text.Word(0) == 0xffff)
            return [];
        text.Header(address);
        return text.lines;
    }

    private int Byte(int at) => at < bytes.Length ? bytes[at] : 0;

    private uint Word(int at) => at + 2 <= bytes.Length ? BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at)) : 0u;

    private uint Dword(int at) => at + 4 <= bytes.Length ? BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at)) : 0;

    private bool Has(int at, int size) => at + size <= bytes.Length;

    private static string Flags(uint register, params ReadOnlySpan<(int Bit, string Name)> names)
    {
        var all = new List<string>();
        foreach ((int bit, string name) in names)
            all.Add(name + ((register >> bit & 1) != 0 ? '+' : '-'));
        return string.Join(' ', all);
    }

    private void Header(PciAddress address)
    {
        uint command = Word(4), status = Word(6);
        string name = address.Short;
        lines.Add($"{name} {Word(10):x4}: {Word(0):x4}:{Word(2):x4}{(Byte(8) != 0 ? $" (rev {Byte(8):x2})" : "")}");
        int kind = Byte(14) & 0x7f;
        lines.Add("\tControl: " + Flags(command, (0, "I/O"), (1, "Mem"), (2, "BusMaster"), (3, "SpecCycle"), (4, "MemWINV"),
            (5, "VGASnoop"), (6, "ParErr"), (7, "Stepping"), (8, "SERR"), (9, "FastB2B"), (10, "DisINTx")));
        string speed = ((status >> 9) & 3) switch { 0 => "fast", 1 => "medium", 2 => "slow", _ => "??" };
        lines.Add($"\tStatus: {Flags(status, (4, "Cap"), (5, "66MHz"), (6, "UDF"), (7, "FastB2B"), (8, "ParErr"))} DEVSEL={speed} " +
            Flags(status, (11, ">TAbort"), (12, "<TAbort"), (13, "<MAbort"), (14, ">SERR"), (15, "<PERR"), (3, "INTx")));
        if (kind == 1)
            lines.Add($"\tBus: primary={Byte(0x18):x2}, secondary={Byte(0x19):x2}, subordinate={Byte(0x1a):x2}, sec-latency={Byte(0x1b)}");
        if (Byte(0x3d) != 0 || Byte(0x3c) != 0)
            lines.Add($"\tInterrupt: pin {(Byte(0x3d) == 0 ? '?' : (char)('A' + Byte(0x3d) - 1))} routed to IRQ {Byte(0x3c)}");
        Regions(kind, command);
        if ((status & 0x10) != 0 && kind <= 1)
            Capabilities();
    }

    private void Regions(int kind, uint command)
    {
        int count = kind switch { 0 => 6, 1 => 2, _ => 0 };
        for (int i = 0; i < count; i++)
        {
            uint bar = Dword(0x10 + (4 * i));
            if (bar is 0 or uint.MaxValue)
                continue;
            if ((bar & 1) != 0)
            {
                if ((bar & ~3u) != 0)
                    lines.Add($"\tRegion {i}: I/O ports at {bar & ~3u:x4}{((command & 1) == 0 ? " [disabled]" : "")}");
                continue;
            }
            uint type = (bar >> 1) & 3;
            bool wide = type == 2;
            ulong at = bar & ~15u;
            if (wide && i + 1 >= count)
                continue;
            if (wide)
                at |= (ulong)Dword(0x10 + (4 * (i + 1))) << 32;
            if (at != 0 && type is 0 or 2)
                lines.Add(
                    $"\tRegion {i}: Memory at {at:x8} ({(wide ? "64" : "32")}-bit, " +
                    $"{((bar & 8) != 0 ? "" : "non-")}prefetchable){((command & 2) == 0 ? " [disabled]" : "")}");
            if (wide)
                i++;
        }
    }

    private void Capabilities()
    {
        var seen = new HashSet<int>();
        bool express = false;
        for (int at = Byte(0x34) & ~3; at >= 0x40 && at < 0x100 && Has(at, 4) && seen.Add(at); at = Byte(at + 1) & ~3)
        {
            switch (Byte(at))
            {
                case 0x05:
                    Msi(at);
                    break;
                case 0x10:
                    express = true;
                    Express(at);
                    break;
                case 0x11:
                    MsiX(at);
                    break;
                case 0xff:
                    return;
            }
        }
        if (express)
            Extended();
    }

    private void Msi(int at)
    {
        uint flags = Word(at + 2);
        bool wide = (flags & 0x80) != 0;
        lines.Add(
            $"\tCapabilities: [{at:x2}] MSI: Enable{((flags & 1) != 0 ? '+' : '-')} " +
            $"Count={1 << (int)((flags >> 4) & 7)}/{1 << (int)((flags >> 1) & 7)} Maskable{((flags & 0x100) != 0 ? '+' : '-')} " +
            $"64bit{(wide ? '+' : '-')}");
        if (Has(at + 4, wide ? 10 : 6))
            lines.Add($"\t\tAddress: {(wide ? $"{Dword(at + 8):x8}" : "")}{Dword(at + 4):x8}  Data: {Word(at + (wide ? 12 : 8)):x4}");
    }

    private void MsiX(int at)
    {
        uint flags = Word(at + 2);
        lines.Add(
            $"\tCapabilities: [{at:x2}] MSI-X: Enable{((flags & 0x8000) != 0 ? '+' : '-')} Count={(flags & 0x7ff) + 1} " +
            $"Masked{((flags & 0x4000) != 0 ? '+' : '-')}");
        if (!Has(at + 4, 8))
            return;
        lines.Add($"\t\tVector table: BAR={Dword(at + 4) & 7} offset={Dword(at + 4) & ~7u:x8}");
        lines.Add($"\t\tPBA: BAR={Dword(at + 8) & 7} offset={Dword(at + 8) & ~7u:x8}");
    }

    private void Express(int at)
    {
        uint flags = Word(at + 2);
        portType = (int)((flags >> 4) & 15);
        char slot = (flags & 0x100) != 0 ? '+' : '-';
        string? type = portType switch
        {
            0 => "Endpoint", 1 => "Legacy Endpoint", 4 => $"Root Port (Slot{slot})", 5 => "Upstream Port", 6 =>
                $"Downstream Port (Slot{slot})",
            7 => "PCI-Express to PCI/PCI-X Bridge", 8 => $"PCI/PCI-X to PCI-Express Bridge (Slot{slot})", 9 =>
                "Root Complex Integrated Endpoint", 10 => "Root Complex Event Collector", _ => null,
        };
        if (type is null)
            return;
        lines.Add(
            $"\tCapabilities: [{at:x2}] Express (v{flags & 15}) {type}, IntMsgNum " +
            $"{(flags >> 9) & 31}{((flags & 0x8000) != 0 ? ", FLIT Mode Supported" : "")}");
        if (Has(at + 8, 4))
        {
            lines.Add("\t\tDevCtl:\t" + Flags(Word(at + 8), (0, "CorrErr"), (1, "NonFatalErr"), (2, "FatalErr"), (3, "UnsupReq")));
            lines.Add(
                $"\t\t\tMaxPayload {128 << (int)((Word(at + 8) >> 5) & 7)} bytes, " +
                $"MaxReadReq {128 << (int)((Word(at + 8) >> 12) & 7)} bytes");
            lines.Add("\t\tDevSta:\t" + Flags(Word(at + 10), (0, "CorrErr"), (1, "NonFatalErr"), (2, "FatalErr"), (3, "UnsupReq"),
                (4, "AuxPwr"), (5, "TransPend")));
        }
        if (portType is 9 or 10 || !Has(at + 12, 8))
            return;
        uint cap = Dword(at + 12), sta = Word(at + 18);
        uint aspm = (cap >> 10) & 3;
        string[] l0s = ["<64ns", "<128ns", "<256ns", "<512ns", "<1us", "<2us", "<4us", "unlimited"],
            l1 = ["<1us", "<2us", "<4us", "<8us", "<16us", "<32us", "<64us", "unlimited"];
        string exits = string.Join(", ",
            new[] { (aspm & 1) != 0 ? "L0s " + l0s[(cap >> 12) & 7] : null, (aspm & 2) != 0 ? "L1 " + l1[(cap >> 15) & 7] : null }
            .Where(e => e is not null));
        lines.Add(
            $"\t\tLnkCap:\tPort #{cap >> 24}, Speed {Speed(cap & 15)}, Width x{(cap >> 4) & 0x3f}, ASPM " +
            $"{aspm switch { 0 => "not supported", 1 => "L0s", 2 => "L1", _ => "L0s L1" }}" +
                $"{(exits.Length > 0 ? ", Exit Latency " + exits : "")}");
        lines.Add("\t\t\t" + Flags(cap, (18, "ClockPM"), (19, "Surprise"), (20, "LLActRep"), (21, "BwNot"), (22, "ASPMOptComp")));
        uint control = Word(at + 16);
        lines.Add(
            $"\t\tLnkCtl:\tASPM {(control & 3) switch { 0 => "Disabled", 1 => "L0s Enabled", 2 => "L1 Enabled", _ => "L0s L1 Enabled" }};" +
            $"{(portType is 0 or 1 or 4 or 7 ? $" RCB {((control & 8) != 0 ? 128 : 64)} bytes," : "")} " +
                $"{Flags(control, (4, "LnkDisable"), (6, "CommClk"))}");
        // A downstream port may be wider and faster than the card in it; a link state above the capability is a reading error.
        string Less(uint has, uint can)
        {
            if (has > can)
                return " (overdriven)";
            return has < can && portType is not (4 or 6 or 8) ? " (downgraded)" : "";
        }
        lines.Add(
            $"\t\tLnkSta:\tSpeed {Speed(sta & 15)}{Less(sta & 15, cap & 15)}, Width " +
            $"x{(sta >> 4) & 0x3f}{Less((sta >> 4) & 0x3f, (cap >> 4) & 0x3f)}");
        lines.Add("\t\t\t" + Flags(sta, (10, "TrErr"), (11, "Train"), (12, "SlotClk"), (13, "DLActive"), (14, "BWMgmt"), (15, "ABWMgmt")));
    }

    private static string Speed(uint code) =>
        code switch { 1 => "2.5GT/s", 2 => "5GT/s", 3 => "8GT/s", 4 => "16GT/s", 5 => "32GT/s", 6 => "64GT/s", 8 => "128GT/s",
        _ => "unknown" };

    private void Extended()
    {
        var seen = new HashSet<int>();
        for (int at = 0x100; at >= 0x100 && Has(at, 4) && seen.Add(at); at = (int)(Dword(at) >> 20) & ~3)
        {
            uint head = Dword(at);
            if (head is 0 or uint.MaxValue)
                return;
            string title = $"\tCapabilities: [{at:x3} v{(head >> 16) & 15}] ";
            switch (head & 0xffff)
            {
                case 1 when Has(at, 0x2c):
                    ErrorReporting(at, title);
                    break;
                case 0xd when Has(at, 8):
                    lines.Add(title + "Access Control Services");
                    (int, string)[] acs = [(0, "SrcValid"), (1, "TransBlk"), (2, "ReqRedir"), (3, "CmpltRedir"), (4, "UpstreamFwd"),
                        (5, "EgressCtrl"), (6, "DirectTrans")];
                    lines.Add("\t\tACSCap:\t" + Flags(Word(at + 4), acs));
                    lines.Add("\t\tACSCtl:\t" + Flags(Word(at + 6), acs));
                    break;
                case 0xe when Has(at, 8):
                    lines.Add(title + "Alternative Routing-ID Interpretation (ARI)");
                    lines.Add($"\t\tARICap:\t{Flags(Word(at + 4), (0, "MFVC"), (1, "ACS"))}, Next Function: {Byte(at + 5)}");
                    lines.Add($"\t\tARICtl:\t{Flags(Word(at + 6), (0, "MFVC"), (1, "ACS"))}, Function Group: {(Word(at + 6) >> 4) & 7}");
                    break;
                case 0x10 when Has(at, 0x40):
                    VirtualFunctions(at, title);
                    break;
                case 0x1d when Has(at, 12):
                    Containment(at, title);
                    break;
            }
        }
    }

    private void ErrorReporting(int at, string title)
    {
        lines.Add(title + "Advanced Error Reporting");
        foreach ((string name, int offset) in ((string, int)[])[("UESta", 4), ("UEMsk", 8), ("UESvrt", 12)])
        {
            string[] flags = AerBits.Lspci(correctable: false).Select(b => b.Name + ((Dword(at + offset) >> b.Bit & 1) != 0 ? '+' : '-'))
                .ToArray();
            // lspci shows nine, seven and six of them on three lines.
            lines.Add($"\t\t{name}:\t{string.Join(' ', flags[..9])}");
            lines.Add($"\t\t\t{string.Join(' ', flags[9..16])}");
            lines.Add($"\t\t\t{string.Join(' ', flags[16..])}");
        }
        foreach ((string name, int offset) in ((string, int)[])[("CESta", 16), ("CEMsk", 20)])
            lines.Add($"\t\t{name}:\t{Flags(Dword(at + offset), AerBits.Lspci(correctable: true).ToArray())}");
        uint cap = Dword(at + 24);
        lines.Add(
            $"\t\tAERCap:\tFirst Error Pointer: {cap & 31:x2}, " +
            $"{Flags(cap, (5, "ECRCGenCap"), (6, "ECRCGenEn"), (7, "ECRCChkCap"), (8, "ECRCChkEn"))}");
        lines.Add("\t\t\t" + Flags(cap, (9, "MultHdrRecCap"), (10, "MultHdrRecEn"), (11, "TLPPfxPres"), (12, "HdrLogCap")));
        lines.Add($"\t\tHeaderLog: {Dword(at + 28):x8} {Dword(at + 32):x8} {Dword(at + 36):x8} {Dword(at + 40):x8}");
        if (portType is not (4 or 10) || !Has(at, 0x38))
            return;
        uint root = Dword(at + 48), source = Dword(at + 52);
        lines.Add("\t\tRootCmd: " + Flags(Dword(at + 44), (0, "CERptEn"), (1, "NFERptEn"), (2, "FERptEn")));
        lines.Add("\t\tRootSta: " + Flags(root, (0, "CERcvd"), (1, "MultCERcvd"), (2, "UERcvd"), (3, "MultUERcvd")));
        lines.Add($"\t\t\t {Flags(root, (4, "FirstFatal"), (5, "NonFatalMsg"), (6, "FatalMsg"))} IntMsgNum {root >> 27}");
        lines.Add($"\t\tErrorSrc: ERR_COR: {source & 0xffff:x4} ERR_FATAL/NONFATAL: {source >> 16:x4}");
    }

    private void VirtualFunctions(int at, string title)
    {
        uint cap = Dword(at + 4);
        lines.Add(title + "Single Root I/O Virtualization (SR-IOV)");
        lines.Add($"\t\tIOVCap:\t{Flags(cap, (0, "Migration"), (2, "10BitTagReq"))} IntMsgNum {cap >> 21}");
        lines.Add("\t\tIOVCtl:\t" + Flags(Word(at + 8), (0, "Enable"), (1, "Migration"), (2, "Interrupt"), (3, "MSE"), (4, "ARIHierarchy"),
            (5, "10BitTagReq")));
        lines.Add("\t\tIOVSta:\t" + Flags(Word(at + 10), (0, "Migration")));
        lines.Add(
            $"\t\tInitial VFs: {Word(at + 12)}, Total VFs: {Word(at + 14)}, Number of VFs: {Word(at + 16)}, Function Dependency Link: " +
            $"{Byte(at + 18):x2}");
        lines.Add($"\t\tVF offset: {Word(at + 20)}, stride: {Word(at + 22)}, Device ID: {Word(at + 26):x4}");
        lines.Add($"\t\tSupported Page Size: {Dword(at + 28):x8}, System Page Size: {Dword(at + 32):x8}");
    }

    private void Containment(int at, string title)
    {
        uint cap = Word(at + 4), control = Word(at + 6), status = Word(at + 8);
        lines.Add(title + "Downstream Port Containment");
        lines.Add(
            $"\t\tDpcCap:\tIntMsgNum {cap & 31}, {Flags(cap, (5, "RPExt"), (6, "PoisonedTLP"), (7, "SwTrigger"))} RP PIO Log " +
            $"{(cap >> 8) & 15}, {Flags(cap, (12, "DL_ActiveErr"))}");
        lines.Add(
            $"\t\tDpcCtl:\tTrigger:{control & 3:x} " +
            $"{Flags(control, (2, "Cmpl"), (3, "INT"), (4, "ErrCor"), (5, "PoisonedTLP"), (6, "SwTrigger"), (7, "DL_ActiveErr"))}");
        lines.Add(
            $"\t\tDpcSta:\t{Flags(status, (0, "Trigger"))} Reason:{(status >> 1) & 3:x2} {Flags(status, (3, "INT"), (4, "RPBusy"))} " +
            $"TriggerExt:{(status >> 5) & 3:x2} RP PIO ErrPtr:{(status >> 8) & 31:x2}");
        lines.Add($"\t\tSource:\t{Word(at + 10):x4}");
    }
}
