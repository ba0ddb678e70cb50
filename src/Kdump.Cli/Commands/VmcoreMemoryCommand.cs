using System.CommandLine;
using Kdump.Cli.Reports.VmcoreViews;
using Kdump.Cli.Terminals;
using Kdump.Kernel;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt vmcore memory</c>: memory usage, and what is at an address.</summary>
internal static class VmcoreMemoryCommand
{
    public static Command Build(Context context)
    {
        Option<bool> asJson = VmcoreCommand.JsonOption();
        var slab = new Option<bool>("--slab") { Description = "List slab caches, the largest first" };
        var cache = new Option<string?>("--cache") { Description = "With --slab: only the slab cache of this name", HelpName = "NAME" };
        var objects = new Option<bool>("--objects") { Description = "With --cache: each object of the cache, used or free" };
        var vmalloc = new Option<bool>("--vmalloc") { Description = "List vmalloc areas with the function that allocated each" };
        var zones = new Option<bool>("--zones") { Description = "List only the zones, with watermarks and free blocks by order" };
        var counters = new Option<bool>("--counters") { Description = "List the kernel's counters of pages and events (/proc/vmstat)" };
        var at = new Option<string?>("--at") { Description = "Show what is at an address (hexadecimal, or a symbol)",
            HelpName = "ADDRESS" };
        var command = new Command("memory",
            "Show memory usage and zones as the kernel counted them, slab caches, vmalloc areas, or what is at an address.\n\nExamples:\n" +
            "  kdt vmcore memory vmcore\n  kdt vmcore memory --slab vmcore\n  kdt vmcore memory --at ffff888003a41c00 vmcore")
            { slab, cache, objects, vmalloc, zones, counters, at, asJson };
        command.Validators.Add(result =>
        {
            bool[] given = [result.GetValue(slab), result.GetValue(vmalloc), result.GetValue(zones), result.GetValue(counters),
                result.GetValue(at) is not null];
            if (given.Count(g => g) > 1)
                result.AddError("--slab, --vmalloc, --zones, --counters and --at exclude each other.");
            if (result.GetValue(cache) is not null && !result.GetValue(slab))
                result.AddError("--cache is for --slab.");
            if (result.GetValue(objects) && result.GetValue(cache) is null)
                result.AddError("--objects is for one cache: --slab --cache NAME.");
        });
        var files = new DumpFiles(context, command);
        command.SetAction(parsed => files.Use(parsed, vmcore =>
        {
            bool json = parsed.GetValue(asJson);
            if (parsed.GetValue(at) is { } address)
            {
                AddressView view = AddressView.Of(vmcore, address);
                if (json)
                    view.Json(context.Output);
                else
                    view.Text(context);
            }
            else if (parsed.GetValue(objects) && parsed.GetValue(cache) is { } one)
                Show((to, of) => SlabObjectsView.Json(to, of, one), (to, of) => SlabObjectsView.Text(to, of, one));
            else if (parsed.GetValue(slab))
                Show((to, of) => SlabsView.Json(to, of, parsed.GetValue(cache)), (to, of) =>
                    SlabsView.Text(to, of, parsed.GetValue(cache)));
            else if (parsed.GetValue(vmalloc))
                Show(VmallocView.Json, VmallocView.Text);
            else if (parsed.GetValue(zones))
                Show(MemoryView.ZonesJson, MemoryView.ZonesText);
            else if (parsed.GetValue(counters))
                Show(CountersView.Json, CountersView.Text);
            else
                Show(MemoryView.Json, MemoryView.Text);
            return ExitCode.Fine;

            void Show(Action<TextWriter, Vmcore> inJson, Action<Context, Vmcore> inText)
            {
                if (json)
                    inJson(context.Output, vmcore);
                else
                    inText(context, vmcore);
            }
        }));
        return command;
    }
}
