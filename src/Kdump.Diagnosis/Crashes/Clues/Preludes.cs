using System.Globalization;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// Lines before a crash that are its likely cause, by what they can cause: a powered-off block of the chip before a bus error, a
/// device that left before a lockup in its removal, an accelerator that was given up before damaged memory. Kept apart from the
/// last lines of the log, because they may lie far back.
/// </summary>
internal sealed class Preludes
{
    private const int Max = 64, MaxTold = 2;

    /// <param name="Within">Seconds before the crash.</param>
    /// <param name="Kinds">Of crashes that it can cause.</param>
    private sealed record Prelude(string Sign, string[] Kinds, double Within, string Says)
    {
        /// <summary>Functions of which one must stand on the stack; empty: none needed.</summary>
        public NamePattern? Stack { get; init; }
    }

    private static readonly string[] Bus = ["bus-error", "serror"], Lockup = ["hard-lockup", "soft-lockup", "rcu-stall", "csd-lockup"],
        Memory = ["page-fault", "general-protection", "null-dereference", "slab-corruption", "list-corruption", "kernel-bug", "bad-page",
            "oops"];

    private const string NoPower = "a block of the chip did not get its power or clock", Left = "the device had left",
        Dma = "a device or accelerator was given up while it may still have written to memory";

    private static readonly NamePattern Removal = new(
        ["pciehp", "remove", "unconfigure", "unbind", "detach", "disconnect", "release", "qi_submit_sync", "disable", "flush"]);

    /// <summary>
    /// Wordings: drivers/pmdomain, drivers/clk, drivers/pci/hotplug, kernel/livepatch, drivers/crypto/nx, drivers/dma, nvme.
    /// </summary>
    private static readonly Prelude[] Table =
    [
        .. new[] { "failed to get ack on domain", "failed to set idle on domain", "failed to set domain", "failed to command PGC",
            "Failed to power on domain", "Failed to power off domain", "failed to power on", "status stuck at 'o", "failed to enable clock",
            "Failed to enable clock", "failed to enable clk", "failed to deassert reset",
            "failed to runtime resume", "runtime resume failed",
            "failed to enable regulator", "Phy link never came up", "NOC error" }.Select(s => new Prelude(s, Bus, 60, NoPower)),
        .. new[] { "isabling unused power domains", "Disabling unused clocks" }.Select(s => new Prelude(s, Bus, 20,
            "the kernel had switched off what no driver had claimed")),
        .. new[] { "Link Down", "Card not present", "Surprise Removal", "Surprise removal" }.Select(s => new Prelude(s, Lockup, 120, Left)
            { Stack = Removal }),
        .. new[] { "PCIe link lost", "Unable to change power state from D3cold", "device inaccessible",
            "config space inaccessible" }.Select(s => new Prelude(s, [.. Bus, .. Lockup], 120, Left)),
        new("livepatch: klp_try_switch_task", Lockup, 30,
            "live patching (klp_try_complete_transition) walks all tasks and holds tasklist_lock meanwhile; " +
                "each line that it prints makes it longer"),
        .. new[] { "ERROR: CSB still not valid after", "Channel halted, chanerr", "ADMA error" }
            .Select(s => new Prelude(s, Memory, 3600, Dma)),
        .. new[] { "error while loading shared libraries", "Freezing execution", "]: Caught <", "panic: runtime error", "fatal error: ",
            "thread 'main' panicked", "can't run '", "Inconsistency detected by ld.so", "Failed to mount API filesystems",
                "can't execute '",
            "run-init: ", "switch_root: " }.Select(s => new Prelude(s, ["init-died"], 60, "a program of the start said")),
        new("*ERROR* amdgpu_device_ip_resume failed", [.. Memory, .. Lockup], 600, "the graphics device did not come back from suspend")
            { Stack = new(["amdgpu", "drm_", "ttm_"]) },
    ];

    /// <summary>Texts that a line of the table holds.</summary>
    public static IEnumerable<string> Signs => Table.Select(p => p.Sign).Distinct(StringComparer.Ordinal);

    private static readonly SignTable Texts = new(Table.Select((p, i) => (i, p.Sign)));

    private readonly List<int> concerned = [];
    private readonly List<(Prelude Prelude, Source Source, double? Time, Boot Boot)> seen = [];

    public void Take(in TextLine line, in KernelLine kernel, Boot boot)
    {
        Texts.ReadersOf(kernel.Message, concerned);
        if (concerned.Count == 0)
            return;
        Prelude prelude = Table[concerned[0]];
        // Repeated lines add nothing; the last one is nearest to the crash.
        int same = seen.FindIndex(s => ReferenceEquals(s.Prelude, prelude) && s.Boot == boot);
        if (same >= 0)
            seen.RemoveAt(same);
        else if (seen.Count >= Max)
            seen.RemoveAt(0);
        seen.Add((prelude, line.ToSource(), kernel.Time, boot));
    }

    public IEnumerable<Clue> Before(Report report, string kind, List<StackFrame> frames)
    {
        int told = 0;
        var says = new HashSet<string>(StringComparer.Ordinal);
        for (int i = seen.Count - 1; i >= 0 && told < MaxTold; i--)
        {
            (Prelude prelude, Source source, double? time, Boot boot) = seen[i];
            if (boot != report.Boot || source.Line >= report.Heading.Line || !prelude.Kinds.Contains(kind) ||
                (time is double then && report.Time is double now && (now < then || now - then > prelude.Within)) ||
                (prelude.Stack is { } needed && !frames.Any(f => needed.Fits(f.Function))))
                continue;
            // One line for each reason: the nearest.
            if (!says.Add(prelude.Says))
                continue;
            told++;
            KernelLine kernel = KernelLine.Parse(source.Text);
            string when = time switch
            {
                double a when report.Time is double b => b - a < 1 ? "Just before, "
                    : string.Create(CultureInfo.InvariantCulture, $"{b - a:0} s before, "),
                _ => "Before, ",
            };
            yield return new Clue("prelude", $"{when}{prelude.Says}: \"{Short(kernel.Message)}\". That may well be the reason.", source);
        }
    }

    private static string Short(ReadOnlySpan<char> message) =>
        Printable.Escape((message.Length > 160 ? message[..160] : message).ToString());
}
