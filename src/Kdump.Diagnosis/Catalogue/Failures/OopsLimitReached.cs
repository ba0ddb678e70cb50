namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class OopsLimitReached
{
    public static readonly Failure Entry = new("oops-limit-reached", "the kernel stopped because it had oopsed or warned too often")
    {
        Area = Area.Crashing,
        Signs = [new Sign("Oopsed too often (kernel.oops_limit is", "system warned too often (kernel.warn_limit is")],
        Severity = Severity.Critical,
        Explains = ["kernel-panic"],
        Cause = "kernel.oops_limit (10000) and kernel.warn_limit stop a kernel after so many oopses or warnings.",
        Fixes = [new("Look at the first oops or warning of this log")],
        Kernels = "6.2 and later (and stable kernels)",
        Origin = "kernel/exit.c make_task_dead(), kernel/panic.c check_panic_on_warn()",
    };
}
