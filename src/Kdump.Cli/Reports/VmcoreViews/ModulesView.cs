using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Kernel;
using Kdump.Kernel.Structs;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary><c>kdt vmcore modules</c>.</summary>
internal static class ModulesView
{
    public static void Text(Context context, Vmcore vmcore)
    {
        Modules modules = vmcore.Modules.Need(vmcore.Dump.Name, "modules");
        context.Output.WriteLine($"{"TEXT",-16} {"SIZE",9} {"STATE",-8} {"TAINTS",-6} NAME");
        foreach (KernelModule module in modules.All)
            context.Output.WriteLine(
                $"{module.Address} {module.Size,9} {module.State,-8} {module.TaintLetters,-6} {Printable.Escape(module.Name)}");
        UnreadText.Lost(vmcore, modules.Damages);
    }

    public static void Json(TextWriter output, Vmcore vmcore)
    {
        Modules modules = vmcore.Modules.Need(vmcore.Dump.Name, "modules");
        UnreadText.Json(output, vmcore, "kdt.vmcore.modules/1", json =>
        {
            json.WriteStartArray("modules");
            foreach (KernelModule module in modules.All)
            {
                json.WriteStartObject();
                json.WriteString("name", module.Name);
                json.WriteString("state", module.State);
                json.WriteString("address", $"0x{module.Address}");
                json.WriteNumber("size", module.Size);
                json.WriteString("taints", module.TaintLetters);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            UnreadText.Lost(json, vmcore, modules.Damages);
        });
    }
}
