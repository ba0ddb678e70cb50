using System.Globalization;
using Kdump.Diagnosis.Catalogue.Tools;
using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>One driver uses a large part of the crash kernel's memory, as measured there by memstrack.</summary>
public sealed class ModuleEatsCrashKernel : Rule
{
    /// <summary>The least megabytes that are reported, for a crash kernel of usual size.</summary>
    private const double Large = 16;

    private const int Enomem = 12;

    public override string Id => "module-eats-crash-kernel";

    public override Entry Entry => new("module-eats-crash-kernel", "a driver uses much of the crash kernel's memory")
    {
        Area = Area.Starting,
        Signature = ["Module … using …MB (… pages), peak allocation …MB (… pages)", "…: page allocation failure: order:…"],
        Cause = "Drivers of fast network cards (mlx5, qed, ice, bnxt), graphics and RDMA take tens to hundreds of megabytes when they " +
            "start. If memory then runs out, their own probe (-12) or the next allocation fails.",
        Fixes = [new("Leave the driver out of the crash kernel if the dump does not need it: dracut_args --omit-drivers",
            "kdumpctl rebuild && kdumpctl restart")],
        Origin = "memstrack; kexec mailing list, May 2020 (qed); kdump-utils 99kdumpbase",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        ModuleMemory[] all = facts.Of<ModuleMemory>().Where(m => m.MayBeCapture && m.Megabytes >= Large)
            .GroupBy(m => m.Module, StringComparer.Ordinal).Select(g => g.MaxBy(m => m.Megabytes)!).OrderByDescending(m => m.Megabytes)
                .Take(5).ToArray();
        if (all.Length == 0)
        {
            if (Unmeasured(facts) is { } unmeasured)
            {
                yield return unmeasured;
                yield return new Unknown("what uses the crash kernel's memory: no input has a table of memstrack",
                    "rd.memdebug=3 on the crash kernel's command line, which makes dracut print one, or the report of kdump-probe");
            }
            yield break;
        }
        Boot? boot = all[0].Boot;
        AllocationFailure[] failures = facts.Of<AllocationFailure>().Where(f => f.Boot == boot).ToArray();
        ProbeFailed[] probes = facts.Of<ProbeFailed>().Where(p => p.Boot == boot && Math.Abs(p.Errno) == Enomem).ToArray();
        bool oom = facts.Of<OutOfMemory>().Any(o => o.Boot == boot);
        bool failed = failures.Length > 0 || probes.Length > 0 || oom;
        bool saved = DumpSaved.In(boot, facts);
        double sum = all.Sum(m => m.Megabytes);
        string list = string.Join(", ", all.Select(m => $"{m.Module} {Number(m.Megabytes)} MB"));
        DumpService service = DumpServices.Of(facts);
        yield return new Finding(Id, all.Length == 1
            ? $"the driver {all[0].Module} uses {Number(all[0].Megabytes)} MB of the crash kernel's memory"
            : $"drivers use {Number(sum)} MB of the crash kernel's memory, most of it {all[0].Module} ({Number(all[0].Megabytes)} MB)",
            failed && !saved ? Severity.Error : Severity.Warning, 0.95,
            $"memstrack measured it in the crash kernel: {list}." + (failed ? " Memory ran short there: allocations failed." : ""))
        {
            Subject = all[0].Module,
            Reckoning = [.. all.Select(m => Reckoned.Bytes(m.Module, (long)(m.Megabytes * (1 << 20))))],
            Explains = failed ? [.. probes.Select(p => new FindingRef("driver-probe-failed", $"{p.Device}")).Take(16), "capture-kernel-oom",
                "crashkernel-too-small"] : [],
            Evidence = [.. all.Select(m => m.Source).Take(3), .. failures.Select(f => f.Source).Take(1),
                .. probes.Select(p => p.Source).Take(1)],
            Fixes =
            [
                new Fix("If the dump does not use that device, leave its driver out of the crash kernel: " +
                    $"dracut_args --omit-drivers \"{string.Join(' ', all.Select(m => m.Module))}\" " +
                    "in /etc/kdump.conf" + (service == DumpService.Kdumpctl ? ""
                    : $", or module_blacklist={string.Join(',', all.Select(m => m.Module))} in {DumpServices.AppendSetting(service)}"),
                    DumpServices.Rebuild(service)),
                .. CrashKernelOption.Reservation(Math.Max(256, (long)(Math.Ceiling((sum + 256) / 128) * 128)),
                    "if the dump needs that device"),
            ],
        };
    }

    /// <summary>An allocation failed in the crash kernel, and no input shows what uses the memory.</summary>
    private static Finding? Unmeasured(Facts facts)
    {
        AllocationFailure? failure = facts.Of<AllocationFailure>().FirstOrDefault(f => f.Boot?.Capture == true);
        if (failure is null || DumpSaved.In(failure.Boot, facts) || facts.Of<OutOfMemory>().Any(o => o.Boot == failure.Boot))
            return null;
        ProbeFailed[] probes = facts.Of<ProbeFailed>().Where(p => p.Boot == failure.Boot && Math.Abs(p.Errno) == Enomem).ToArray();
        long kib = 4L << failure.Order;
        return new Finding("crash-kernel-allocation-failed",
            $"an allocation of order {failure.Order} " +
            $"({kib} KiB with pages of 4 KiB) failed in the crash kernel", probes.Length > 0 ? Severity.Error : Severity.Warning, 0.9,
            $"{failure.Task} requested that much contiguous memory. " + (probes.Length > 0
                ? $"The probe of {probes[0].Device} ({probes[0].Driver}) then ended with -12: " +
                    "its driver needs more memory than is available."
                : "Memory is exhausted or fragmented."))
        {
            Explains = [.. probes.Select(p => new FindingRef("driver-probe-failed", $"{p.Device}")).Take(16)],
            Evidence = [failure.Source, .. probes.Select(p => p.Source).Take(1)],
            Fixes =
            [
                .. probes.Length == 0 ? Array.Empty<Fix>()
                    : [new Fix("If the dump does not use that device, leave its driver out: " +
                    $"dracut_args --omit-drivers \"{probes[0].Driver}\" in /etc/kdump.conf", DumpServices.Rebuild(DumpServices.Of(facts)))],
                .. CrashKernelOption.Reservation(512, "for the next attempt"),
            ],
        };
    }

    private static string Number(double megabytes) => megabytes.ToString("0.#", CultureInfo.InvariantCulture);
}
