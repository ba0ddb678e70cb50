using Kdump.Diagnosis.Compare;
using Kdump.Formats.Bytes;
using Kdump.Sources.Inputs;

namespace Kdump.Sources.Cases;

/// <summary>
/// If a machine has exactly two kernel logs, both are read once more to compare the two boots (<see cref="BootsGiven"/>). Among
/// more logs there is no good and bad one; a very large log is more than a boot.
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
