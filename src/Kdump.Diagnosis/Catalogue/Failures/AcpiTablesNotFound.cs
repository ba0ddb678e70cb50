namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class AcpiTablesNotFound
{
    public static readonly Failure Entry = new("acpi-tables-not-found", "the crash kernel did not find the ACPI tables")
    {
        Area = Area.Starting,
        Signs = ["A valid RSDP was not found"],
        In = Life.Capture,
        Explains = ["driver-probe-failed", "dump-target-missing"],
        Cause = "On a machine with EFI the first kernel must tell the crash kernel where the tables are; " +
            "noefi, or an old kexec, loses that. Interrupts and CPUs are then unknown.",
        Fixes =
        [
            new("Take noefi off the crash kernel's command line, and load with kexec_file_load (kexec -s)", "kdumpctl restart"),
            new("Old kernels: pass acpi_rsdp= with the address the first kernel printed", "dmesg | grep RSDP"),
        ],
        Origin = "drivers/acpi/acpica/tbxfroot.c; openSUSE kdump issues 8 and 9",
    };
}
