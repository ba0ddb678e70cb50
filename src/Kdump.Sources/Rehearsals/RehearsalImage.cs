using Kdump.Diagnosis.Text;

namespace Kdump.Sources.Rehearsals;

/// <summary>
/// The initramfs of the rehearsal: the image unchanged, in front of it a segment with the observer, and behind it what must replace files
/// of the image. The kernel unpacks segments in their order, and a later file replaces an earlier one (init/initramfs.c).
/// </summary>
/// <remarks>
/// The observer stands in front, because an LZ4 segment has no end mark: what follows it is read as one more chunk, and before Linux 5.10
/// even zeros are (lib/decompress_unlz4.c), so that a good image would fail.
/// </remarks>
internal static class RehearsalImage
{
    public static void Write(Stream output, RehearsalPlan plan, bool observed)
    {
        if (observed)
        {
            var front = new CpioWriter(output);
            front.AddFile(RehearsalPrograms.ObserverName,
                RehearsalPrograms.Observer(CommandLine.Parse(plan.CommandLine).Last("rdinit") ?? "/init"));
            front.End();
        }
        using (var image = new FileStream(plan.Image, FileMode.Open, FileAccess.Read))
            image.CopyTo(output);
        if (plan.Network is not { HostName.Length: > 0 } network)
            return;
        // Zeros end an LZ4 segment since Linux 5.10, and all others are followed by any number of them.
        output.Write([0, 0, 0, 0]);
        while (output.Position % 4 != 0)
            output.WriteByte(0);
        var behind = new CpioWriter(output);
        network.AddFiles(behind);
        behind.End();
    }
}
