using System.Globalization;
using Kdump.Fuzz;
using Kdump.Fuzz.Running;
using Kdump.Fuzz.Targets;

// Kdump.Fuzz MINUTES STORE [NATIVE|-] [TARGET…], or as its own child: --child WORK STORE PLAN.
if (args is ["--child", var work, var place, var plan])
{
    new Child(work, place).Run(plan);
    return 0;
}
if (args is not [var minutes, var store, ..])
{
    Console.Error.WriteLine("usage: Kdump.Fuzz MINUTES STORE [NATIVE|-] [TARGET…]");
    return 2;
}
Target[] targets = args.Length > 3 ? [.. TargetTable.All.Where(t => args.Skip(3).Contains(t.Name))] : TargetTable.All;
string? native = args.Length > 2 && args[2] != "-" ? Path.GetFullPath(args[2]) : null;
int findings = new Session(Path.GetFullPath(store), double.Parse(minutes, CultureInfo.InvariantCulture)).Run(targets, native);
if (findings > 0)
    Console.WriteLine($"findings are in {Path.Combine(store, "findings")}");
return findings > 0 ? 1 : 0;
