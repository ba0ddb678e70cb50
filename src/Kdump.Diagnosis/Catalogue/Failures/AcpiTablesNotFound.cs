namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class AcpiTablesNotFound
{
    public static readonly Failure Entry = new("acpi-tables-not-found", "the crash kernel did not find the ACPI tables")
    {
        Area = Area.Starting,
        Signs = ["A valid RSDP was not found"],
        In = Life.Capture,
        Explains = ["driver-probe-failed", "dump-target-missing"],
        Cause = "On an EFI machine the crash kernel gets the address of the tables from the first kernel. " +
            "With noefi, or an old kexec, it does not get the address, and then it does not know the interrupts and CPUs.",
        Fixes =
        [
            new("Remove noefi from the crash kernel's command line, and load with kexec_file_load (kexec -s)", "kdumpctl restart"),
            new("Old kernels: pass acpi_rsdp= with the address the first kernel printed", "dmesg | grep RSDP"),
        ],
        Origin = "drivers/acpi/acpica/tbxfroot.c; openSUSE kdump issues 8 and 9",
    };
}
