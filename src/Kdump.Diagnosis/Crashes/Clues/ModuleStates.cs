namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// <c>Modules linked in: a(+) b(O-)</c>: <c>+</c> is a module that is being loaded, <c>-</c> one that is being unloaded
/// (kernel/module/main.c module_flags()). A kernel function that fails meanwhile fails on behalf of that module.
/// </summary>
internal static class ModuleStates
{
    private const string Mark = "Modules linked in:";

    /// <summary>
    /// Programs that load and unload modules: if none of them runs, a module that is still loading has no part in the crash.
    /// </summary>
    private static readonly string[] Loaders =
        ["insmod", "modprobe", "rmmod", "kmod", "kmodloader", "systemd-modules", "systemd-udevd", "(udev-worker)", "udevd", "load_driver"];

    public static IEnumerable<Clue> Read(ClueInput input)
    {
        if (input.Find(Mark) is not { } line)
            yield break;
        bool loader = input.Context.Comm is { } comm && Loaders.Any(l => comm.StartsWith(l, StringComparison.Ordinal));
        foreach (string word in line.Text[(line.Text.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length)..].Split(' '))
        {
            int open = word.IndexOf('(');
            if (open < 1 || word[^1] != ')' || word[^2] is not ('+' or '-'))
                continue;
            string module = word[..open];
            bool going = word[^2] == '-', own = input.Frames.Any(f => f.Module == module);
            if (!loader && !own)
                continue;
            bool foreign = word.AsSpan(open).IndexOfAny('O', 'P') > 0;
            yield return new Clue(going ? "module-unloading" : "module-loading",
                going
                    ? $"The module {module} was being unloaded just then: what it did not take back before it went is the first suspect."
                    : $"The module {module} was being loaded just then: this is its start, on this machine's devices.",
                input.SourceOf(line))
            {
                Fixes = foreign && !own ? [ForeignModules.Without(module)] : [],
            };
            yield break;
        }
    }
}
