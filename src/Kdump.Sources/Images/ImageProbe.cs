using Kdump.Diagnosis.Evidence.Images;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Archives;

namespace Kdump.Sources.Images;

/// <summary>Finds kdump-probe in an image: the program, or only the files that start it.</summary>
public static class ImageProbe
{
    private static readonly string[] HookFolders =
    [
        "/etc/kdump/pre.d", "/etc/kdump/post.d", "/etc/kdump/emergency.d", "/scripts/local-block", "/scripts/panic",
        "/usr/lib/dracut/hooks/emergency", "/lib/dracut/hooks/emergency", "/var/lib/dracut/hooks/emergency",
    ];

    public static void Judge(ImageView view, Source? unit, Facts facts)
    {
        ImageNode? probe = view.Program("kdump-probe");
        if (probe is null)
        {
            if ((unit ?? Hook(view)) is { } starter)
                facts.Add(new ProbeInImage(starter, "/usr/bin/kdump-probe", "it is not there") { Missing = true });
            return;
        }
        ProgramDamaged? damage = facts.Of<ProgramDamaged>().FirstOrDefault(d => d.Path == probe.Path);
        string state;
        if (!probe.IsExecutable)
            state = "it is not executable";
        else
            state = probe.Kind != ContentKind.Elf ? "it is no program" : "";
        string trouble = damage?.Reason
            ?? state;
        facts.Add(new ProbeInImage(damage?.Source ?? view.Quote(probe, $"{FileType.ModeText(probe.Mode)} {probe.Path}"), probe.Path,
            trouble));
    }

    private static Source? Hook(ImageView view)
    {
        foreach (string folder in HookFolders)
        {
            if (view.Find(folder)?.Children.FirstOrDefault(
                c => c.IsFile && c.Name.Contains("kdump-probe", StringComparison.Ordinal)) is { } hook)
                return view.Quote(hook, $"the hook {hook.Name}");
        }
        return null;
    }
}
