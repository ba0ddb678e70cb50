namespace Kdump.Diagnosis.Catalogue.Tools;

/// <summary>An initramfs gives up on its root file system: dracut and initramfs-tools.</summary>
internal static class RootMessages
{
    public const string Device = "device", Shell = "shell";

    public const string NotAllDisks = "Warning: Not all disks have been found";

    public static readonly ToolMessage[] All =
    [
        Of("Warning: Can't mount root filesystem"),
        Of("dracut*Can't mount root filesystem"),
        Of("dracut-initqueue*Warning: Could not boot"),
        Of("dracut*FATAL: Don't know how to handle 'root={e}'"),
        Of(NotAllDisks),
        Of("ALERT!  {e} does not exist.  Dropping to a shell!"),
        Of("dracut-initqueue*Warning: {e} does not exist") with { Mark = Device },
        Of("Starting dracut-emergency.service") with { Mark = Shell },
        Of("Starting*Dracut Emergency Shell") with { Mark = Shell },
        Of("Generating \"/run/initramfs/rdsosreport.txt\"") with { Mark = Shell },
        Of("save \"/run/initramfs/rdsosreport.txt\" to a USB stick") with { Mark = Shell },
    ];

    private static ToolMessage Of(string wording) => new(ToolStage.Root, wording, "");
}
