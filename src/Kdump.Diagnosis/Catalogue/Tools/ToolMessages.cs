namespace Kdump.Diagnosis.Catalogue.Tools;

/// <summary>Every message; of two that a line holds the first here is taken.</summary>
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
