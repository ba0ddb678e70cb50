namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class VfWindowTooSmall
{
    public static readonly Failure Entry = new("vf-window-too-small", "a card has no room for virtual functions")
    {
        Area = Area.Hardware,
        Signs = ["not enough MMIO resources for SR-IOV"],
        Severity = Severity.Warning,
        Cause = "Firmware gave the ports above the card too little address space for the memory of its virtual functions.",
        Fixes =
        [
            new("Switch on SR-IOV and addresses above 4 GB in the firmware's setup"),
            new("Or let the kernel reassign them: pci=realloc", "grubby --update-kernel=ALL --args=pci=realloc", "devices may move"),
        ],
        Origin = "drivers/pci/iov.c sriov_enable()",
    };
}
