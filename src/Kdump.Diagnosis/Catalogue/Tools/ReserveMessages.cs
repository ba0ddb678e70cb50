namespace Kdump.Diagnosis.Catalogue.Tools;

/// <summary>
/// Nothing is reserved, in the words of kernel/crash_reserve.c, the architectures' own reserve_crashkernel(), kexec-tools, kdumpctl,
/// kdump-config (Debian, Ubuntu, SONiC) and SUSE's load.sh.
/// </summary>
internal static class ReserveMessages
{
    public const string NoRoom = "no room", InUse = "in use", Value = "value", Missing = "missing";

    public static readonly ToolMessage[] All =
    [
        Of(NoRoom, "crashkernel reservation failed - No suitable area found"),
        Of(NoRoom, "crashkernel reservation failed: no suitable area found"),
        Of(NoRoom, "cannot allocate crashkernel low memory (size:{e})"),
        Of(NoRoom, "cannot allocate crashkernel (size:{e})"),
        Of(NoRoom, "cannot allocate crashkernel"),
        Of(NoRoom, "Cannot reserve {w} crashkernel low memory"),
        Of(NoRoom, "Error reserving crashkernel memblock"),
        Of(NoRoom, "crashkernel allocation failed"),
        Of(InUse, "crashkernel reservation failed - memory is in use"),
        Of(InUse, "cannot reserve crashkernel: region "),
        Of(InUse, "cannot reserve crashkernel: base address "),
        Of(InUse, "crashkernel reservation failed: {t}"),
        Of(InUse, "Crash kernel location must be {w}"),
        Of(NoRoom, "crashkernel reservation failed"),
        Of(Value, "crashkernel: memory value expected"),
        Of(Value, "crashkernel: Memory value expected"),
        Of(Value, "crashkernel: invalid size"),
        Of(Value, "crashkernel: '@' expected"),
        Of(Value, "crashkernel: ':' expected"),
        Of(Value, "crashkernel: Memory size too big"),
        Of(Value, "crashkernel: unrecognized char"),
        Of(Value, "crashkernel size resulted in zero bytes"),
        Of(Missing, "no crashkernel= parameter in the kernel cmdline"),
        Of(Missing, "No crashkernel parameter in the kernel cmdline"),
        Of(Missing, "Memory for crashkernel is not reserved"),
        Of(Missing, "Please reserve memory by passing*crashkernel="),
        Of(Missing, "No memory reserved for crash kernel"),
        Of(Missing, "No crashkernel memory reserved"),
        Of(Missing, "Kdump needs memory reserved by crashkernel"),
    ];

    private static ToolMessage Of(string mark, string wording) => new(ToolStage.Reserving, wording, "") { Mark = mark };
}
