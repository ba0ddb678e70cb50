namespace Kdump.Diagnosis.Catalogue.Tools;

/// <summary>Every message; if a line matches several, the first one here counts.</summary>
public static class ToolMessages
{
    public static readonly ToolMessage[] All =
    [
        .. ReserveMessages.All,
        .. KexecMessages.All,
        .. OptionMessages.All,
        .. BuildMessages.All,
        .. InitramfsMessages.All,
        .. MountMessages.All,
        .. NetworkMessages.All,
        .. MemoryMessages.All,
        .. AbsentPrograms.All,
        .. MakedumpfileUse.All,
        .. MakedumpfileMessages.All,
        .. WriteMessages.All,
        .. RootMessages.All,
        .. CheckMessages.All,
        .. CrashToolMessages.All,
    ];
}
