using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Images;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Archives;
using Kdump.Formats.Bytes;
using Kdump.Sources.Images;
using Kdump.Sources.Machines;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Hosts;

/// <summary>Everything that can be said of an image, alone and against a machine, as facts.</summary>
public static class ImageCollector
{
    /// <param name="setup">The machine's own facts, where they are known already: they are read from its files otherwise.</param>
    public static Facts Collect(BootImage image, MachineTree? root, (KdumpTools Tools, Facts Own)? setup = null)
    {
        var facts = new Facts();
        var view = new ImageView(image, image.Root);
        Archive(image, facts);
        if (image.KernelFile is { } kernel)
            facts.Add(HostKernelFile.Fact(kernel, image.Name, inImage: true));
        ImageConf.Targets(view, facts);
        if (root is not null)
        {
            ImageMachine.Kernel(root, facts);
            ImageMachine.Reservation(root, facts);
            CaptureLine.Collect(root, facts);
            // Where the machine is judged as well, its own facts name the distribution.
            if (setup is null)
                HostSetup.Distribution(root, facts);
        }
        // Only a part of a damaged image can be read: do not report each missing file as a separate fault.
        if (facts.Any<ImageDamage>())
            Summary(image, view, null, null, facts);
        else
            Content(image, view, root, setup, facts);
        ImageUnpacking.Segments(image, facts);
        return facts;
    }

    /// <summary>What is in the image, and what should be in it.</summary>
    private static void Content(BootImage image, ImageView view, MachineTree? root, (KdumpTools Tools, Facts Own)? setup, Facts facts)
    {
        var outer = new ImageView(image, image.Outer);
        // A root file system without an initramfs around it has its own /init; an image of nothing has none.
        if (image.Initramfs.Entries.Count > 0 || image.Layers.Count == 1)
            ImageConf.Init(outer, facts);
        ImageConf.Judge(view, facts);
        HashSet<string> vital = ImageConf.Vital(view, facts);
        (ImageModules modules, ImagePrograms programs) = Scan(view, root, n => vital.Contains(n.Path), facts);
        ImageModules? loader = null;
        if (image.Root != image.Outer)
        {
            // The loader outside the root has its own programs and modules.
            ImageConf.Init(view, facts);
            (loader, _) = Scan(outer, root, n => true, facts);
        }
        long built = Summary(image, view, modules, programs, facts);
        var wanted = new HashSet<string>(StringComparer.Ordinal);
        if (root is not null)
        {
            ImageMachine.Changes(view, root, built, modules.Releases, facts);
            ImageMachine.Configuration(root, modules.Releases, facts);
            ImageMachine.Signatures(root, facts);
            // kdump-tools reads the machine's settings; the others have them in the image.
            (KdumpTools tools, Facts own) = setup ?? Setup(root);
            Facts settings = tools == KdumpTools.Debian || !facts.Any<KdumpSetting>() ? own : facts;
            wanted = Targets(view, root, modules, tools, settings, facts);
            ImageTargetAge.Judge(view, root, tools, own, facts);
            ImageRoom.Collect(root, tools, settings, facts);
        }
        ImageConf.Modules(modules, facts);
        ImageConf.ModuleParameters(modules, facts);
        ImageUnpacking.Modules(view, modules, programs, facts);
        new ImageModuleNeeds(view, modules, root).Judge(wanted, facts);
        if (loader is not null)
        {
            ImageUnpacking.Loader(image, outer, loader, modules, facts);
            new ImageModuleNeeds(outer, loader, root).Judge([.. ImageUnpacking.LoaderModules], facts);
        }
        var units = new ImageUnits(view);
        units.Judge(facts);
        ImageProbe.Judge(view, units.Probe, facts);
    }

    private static (KdumpTools Tools, Facts Own) Setup(MachineTree root)
    {
        var own = new Facts();
        return (HostSetup.Collect(root, own).Tools, own);
    }

    private static long Summary(BootImage image, ImageView view, ImageModules? modules, ImagePrograms? programs, Facts facts)
    {
        long built = Built(image);
        facts.Add(new ImageSummary(Describe(image), Path.GetFileName(image.Name), ImageConf.BuilderOf(view), ImageConf.IsKdump(view),
            modules?.Releases ?? [], image.Length, Unpacked(image, facts), built)
        {
            Systemd = view.Find("/usr/lib/systemd/systemd") is not null || view.Find("/lib/systemd/systemd") is not null,
            Tools = ImageConf.ToolsOf(view), Saves = ImageConf.Saver(view),
            Modules = modules?.Count ?? 0, Programs = programs?.Programs ?? 0, Scripts = programs?.Scripts ?? 0,
        });
        return built;
    }

    /// <summary>Reads every file once, in the order of the image.</summary>
    private static (ImageModules Modules, ImagePrograms Programs) Scan(ImageView view, MachineTree? root, Func<ImageNode, bool> vital,
        Facts facts)
    {
        var modules = new ImageModules(view);
        var programs = new ImagePrograms(view, vital);
        foreach (ImageNode node in view.Files)
        {
            try
            {
                if (!modules.Take(node, facts))
                    programs.Take(node, facts);
            }
            catch (InputException e)
            {
                facts.Add(new ImageDamage(new Source(e.Input, e.Message, Offset: e.Offset)));
            }
        }
        modules.Finish(root);
        programs.Judge(facts);
        return (modules, programs);
    }

    private static HashSet<string> Targets(ImageView view, MachineTree root, ImageModules modules, KdumpTools tools, Facts settings,
        Facts facts)
    {
        var targets = new ImageTargets(root, facts);
        // A directory without a device is one of the root file system.
        List<DumpTarget> list = [.. facts.Of<DumpTarget>().Where(t => t.Kind != TargetKind.Root || t.Spec.Length > 0)];
        if (list.Count == 0 && SavePath.Root(root, tools, settings) is { } folder)
            list.Add(folder);
        foreach (DumpTarget target in list.DistinctBy(t => (t.Device.Kind, t.Device.Value)))
            targets.Follow(target, modules);
        foreach (TargetProgram need in facts.Of<TargetProgram>().Where(p => p.Programs.All(n => view.Program(n) is null)))
            facts.Add(new TargetProgramMissing(need.Source, need));
        return modules.Closure(targets.Modules);
    }

    private static void Archive(BootImage image, Facts facts)
    {
        foreach (Damage damage in image.Damages)
            facts.Add(new ImageDamage(new Source(damage.Input, $"{damage.Field}: {damage.Reason}", Offset: damage.Offset)));
        foreach (Objection o in image.Initramfs.Objections)
        {
            facts.Add(new ImageObjection(new Source(image.Name, $"segment {o.Segment}: {o.Text}", Offset: o.Offset),
                o.Kind is ObjectionKind.Refused or ObjectionKind.NeedsNewerKernel, o.Text, o.Message)
            {
                Before = o.Kind == ObjectionKind.NeedsNewerKernel ? "5.19" : "",
                Costly = o.Kind == ObjectionKind.Costly,
            });
        }
        foreach (ImageEntry entry in image.Initramfs.Entries.Where(e => e.Lost is not null).Take(100))
            facts.Add(new ImageNameLost(new Source(image.Name, $"{entry.Name}: {entry.Lost}", Offset: entry.HeaderOffset), entry.Name,
                entry.Lost!));
    }

    private static Source Describe(BootImage image) =>
        new(image.Name, string.Join("; ",
            image.Initramfs.Segments.Take(8)
            .Select(s => $"{(s.Compression == "none" ? s.Format : s.Compression)} at 0x{s.Offset:x}, {Counted.Of(s.Length, "byte")}, " +
                $"{Counted.Of(s.Entries, "entry")}")
            .Concat(image.Layers.Skip(1).Select(l => $"{l.Name} ({l.Format})"))));

    /// <summary>Content in memory after unpacking, in pages; hard links once.</summary>
    private static long Unpacked(BootImage image, Facts facts)
    {
        long page = facts.Of<MachinePageSize>() is [var known, ..] ? known.Bytes : 4096;
        return image.Outer.Root.All().Where(n => n.IsFile).Select(n => n.Content).Distinct().Sum(c => (c.Length + page - 1) / page * page);
    }

    private static long Built(BootImage image)
    {
        try
        {
            return File.Exists(image.Name) ? new DateTimeOffset(File.GetLastWriteTimeUtc(image.Name)).ToUnixTimeSeconds() : 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
