using Kdump.Diagnosis.Compare;
using Kdump.Formats.Bytes;
using Kdump.Sources.Inputs;

namespace Kdump.Sources.Cases;

/// <summary>
/// Of a machine that gave exactly two kernel logs, both are read once more, to lay one boot beside the other
/// (<see cref="BootsGiven"/>). More logs have no good and bad one; larger ones are no starts.
/// </summary>
internal static class TwoBoots
{
    private const long MaxBytes = 4 << 20;

    public static void Read(CaseMachine machine)
    {
        CaseInput[] logs = [.. machine.Inputs.Where(i => i is { Used: true, Kernel: > 0 })];
        if (logs.Length == 2 && Of(logs[0].Path) is { } one && Of(logs[1].Path) is { } other && BootsGiven.Of(one, other) is { } both)
            machine.Facts.Add(both);
    }

    private static BootLog? Of(string path)
    {
        try
        {
            if (!File.Exists(path) || new FileInfo(path).Length > MaxBytes)
                return null;
            using OpenInput input = OpenInput.Open(path, () => Stream.Null);
            return input.Kind.IsArchive ? null : BootLog.Read(path, input.Content);
        }
        catch (Exception e) when (e is InputException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return null;
        }
    }
}
