using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Images;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Archives;
using Kdump.Formats.Bytes;
using Kdump.Sources.Images;
using Kdump.Sources.Inputs;
using Kdump.Sources.Machines;
using Kdump.Sources.Trees;
using Kdump.Sources.Vectors;

namespace Kdump.Sources.Hosts;

/// <summary>
/// Collects all facts about a machine before a crash: about the machine itself, and about the image that its tools would load.
/// </summary>
public static class HostCollector
{
    /// <param name="imagePath">An image to judge instead of the machine's own; null for that.</param>
    /// <param name="commandLine">The crash kernel's, instead of what is configured; it decides about vectors.</param>
    public static Facts Collect(MachineTree root, string? imagePath, TextWriter error, string? commandLine = null)
    {
        var own = new Facts();
        ImageMachine.Kernel(root, own);
        KdumpTools tools = HostSetup.Collect(root, own).Tools;
        string? path = imagePath ?? own.Of<ExpectedImage>().Where(i => i.State == ExpectedImageState.There)
            .Select(i => root.Shown(root.Resolve(i.Path)!)).FirstOrDefault();
        using BootImage? image = path is null ? null : Open(path, imagePath is not null, error);
        var facts = new Facts();
        Func<string, bool>? inImage = null;
        if (image is not null)
        {
            // Report a problem of the machine's file only once, not again for its copy in the image.
            HashSet<string> told = [.. own.Of<KdumpConfProblem>().Select(p => p.Problem),
                .. own.Of<CollectorProblem>().Select(p => p.Problem)];
            facts.AddRange(ImageCollector.Collect(image, root, (tools, own)).All.Where(f => !told.Contains(
                f switch { KdumpConfProblem p => p.Problem, CollectorProblem p => p.Problem, _ => "" })));
            HashSet<string> modules = image.Root.Root.All().Select(n => ImageModules.NameOf(n.Name)).OfType<string>()
                .ToHashSet(StringComparer.Ordinal);
            inImage = modules.Contains;
            var view = new ImageView(image, image.Root);
            ImageAddresses.Collect(view, facts);
            DumpDeadlines.OfImage(view, facts);
        }
        else
        {
            ImageMachine.Kernel(root, facts);
            ImageMachine.Reservation(root, facts);
            CaptureLine.Collect(root, facts);
        }
        // If an image was given, check that one; whether the machine's own image exists does not matter.
        facts.AddRange(own.All.Where(f => f is KdumpSetup or KdumpSetting or KdumpConfProblem or CollectorProblem ||
            f is ExpectedImage && imagePath is null));
        HostTargets.Collect(root, tools, own, image is null, facts);
        if (image is null)
            ImageRoom.Collect(root, tools, own, facts);
        HostMachine.Collect(root, facts);
        HostNetwork.Collect(root, tools, facts);
        HostLabels.Collect(root, facts);
        DumpDeadlines.OfMachine(root, tools, facts);
        DumpTimes.Collect(root, facts);
        HostSetup.Distribution(root, facts);
        HostTools.Collect(root, facts);
        HostKernelFile.Collect(root, facts);
        HostNextBoot.Collect(root, facts);
        HostHistory.Collect(root, facts);
        HostMachine.Watchdogs(root, inImage, facts);
        if (VectorCollector.Collect(root, image, facts, commandLine, tools == KdumpTools.Debian) is { } outlook)
            facts.Add(outlook);
        facts.Add(MemoryCollector.Collect(root, facts, inImage, commandLine));
        return facts;
    }

    /// <summary>The machine's own image may be damaged; then that is a finding and not an error.</summary>
    private static BootImage? Open(string path, bool named, TextWriter error)
    {
        try
        {
            // A file that a user names may be something else than an image; the machine's own is judged as the crash kernel would see it.
            return named && path != "-" ? ImageInput.Open(path, () => Stream.Null) : BootImage.Open(path);
        }
        catch (InputException e) when (!named)
        {
            error.WriteLine($"kdt: {Printable.Escape(e.Message)}");
            return null;
        }
    }
}
