namespace Kdump.Diagnosis.Catalogue.Devices;

/// <summary>
/// What the lines directly after a message add to it: a controller that aborts a command names the disk in the next line
/// (drivers/scsi/mpt3sas/mpt3sas_scsih.c _scsih_tm_display_info()), EEH prints the stack of the code that accessed the frozen
/// device (arch/powerpc/kernel/eeh.c). No other line may stand between them.
/// </summary>
internal sealed class DeviceSequel
{
    private const int MostLines = 24, MostNames = 8;

    private DeviceSaid? said;
    private int left;
    private bool stack;

    public bool Waits => said is not null;

    /// <param name="of">What was said.</param>
    /// <param name="message">The line that says it: some drivers name the disk in front.</param>
    public void Begin(DeviceSaid of, ReadOnlySpan<char> message)
    {
        bool eeh = ReferenceEquals(of.Family, PciLinks.Eeh);
        if (of.Word.Aftermath)
            return;
        bool own = of.Word.Shape.Contains(": RESET cmd=", StringComparison.Ordinal);
        if (!eeh && !own && !of.Word.Shape.Contains("attempting ", StringComparison.Ordinal))
            return;
        (said, stack, left) = (of, eeh, eeh ? MostLines : 2);
        if (own)
        {
            Read(message);
            said = null;
        }
    }

    public void End() => said = null;

    public void Read(ReadOnlySpan<char> message)
    {
        if (said is null)
            return;
        string? name = stack ? Module(message) : Disk(message);
        if (name is not null && said.Sequel.Count < MostNames)
            said.Sequel[name] = said.Sequel.GetValueOrDefault(name) + 1;
        if (name is not null || --left <= 0)
            said = null;
    }

    /// <summary><c>sd 7:0:14:0: [sdam] tag#32 CDB: …</c></summary>
    private static string? Disk(ReadOnlySpan<char> message)
    {
        DeviceHead head = DeviceHead.Parse(message);
        if (head.Driver is not "sd")
            return null;
        string address = head.Name.IsEmpty ? head.Device.ToString() : head.Name.ToString();
        return head.Name.IsEmpty || head.Device.IsEmpty ? address : $"{head.Device} ({address})";
    }

    /// <summary><c>[c00000000122b3e0] [c008000000cca244] cx23885_irq+0x96c/0xd30 [cx23885]</c></summary>
    private static string? Module(ReadOnlySpan<char> message)
    {
        int open = message.LastIndexOf('['), plus = message.IndexOf("+0x", StringComparison.Ordinal);
        if (plus < 0 || open < plus || message[^1] != ']')
            return null;
        ReadOnlySpan<char> module = message[(open + 1)..^1];
        return PlainWord.Is(module.ToString()) ? module.ToString() : null;
    }
}
