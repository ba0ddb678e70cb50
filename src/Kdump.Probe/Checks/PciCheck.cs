using Kdump.Diagnosis.Evidence.Pci;
using Kdump.Diagnosis.Model;
using Kdump.Probe.Machine;

namespace Kdump.Probe.Checks;

/// <summary>
/// Every PCI function: its class and ids, whether a driver is bound, and which module of the image matches its modalias.
/// </summary>
internal sealed class PciCheck : Check
{
    private const string Devices = "/sys/bus/pci/devices";

    public override string Name => "pci";

    public override void Run(Root root, Facts facts)
    {
        var functions = new List<PciFunction>();
        var wanted = new List<string>();
        var asks = new List<int>();
        foreach (string address in root.List(Devices))
        {
            PciFunction function = Read(root, address);
            if (function.Driver.Length == 0 && function.MayReachTarget && root.Text($"{Devices}/{address}/modalias", 256) is string alias)
            {
                wanted.Add(alias);
                asks.Add(functions.Count);
            }
            functions.Add(function);
        }
        if (ImageModules.Match(root, facts, wanted) is { } modules)
        {
            for (int i = 0; i < modules.Length; i++)
                functions[asks[i]] = functions[asks[i]] with { Modules = modules[i] };
        }
        foreach (PciFunction function in functions)
            facts.Add(function);
    }

    private static PciFunction Read(Root root, string address)
    {
        string path = $"{Devices}/{address}";
        int kind = Field(root, path + "/class"), vendor = Field(root, path + "/vendor"), device = Field(root, path + "/device");
        string driver = root.LinkName(path + "/driver") ?? "";
        string[] irqs = root.List(path + "/msi_irqs");
        return new(
            new Source(path, $"class 0x{kind:x6} {vendor:x4}:{device:x4}{(driver.Length == 0 ? ", no driver" : ", driver " + driver)}"),
            address, kind, vendor, device, PciNames.Describe(kind, vendor, device), driver,
            root.LinkName(path + "/driver/module"), Number(root, path + "/numa_node", -1), root.Text(path + "/power_state", 32) ?? "",
            irqs.Length, irqs.Length == 0 ? "" : root.Text($"{path}/msi_irqs/{irqs[0]}", 32) ?? "",
            Number(root, path + "/sriov_totalvfs", 0), root.Link(path + "/physfn") is not null, root.Number(path + "/enable") > 0);
    }

    private static int Field(Root root, string file) => root.Number(file) is long n and >= 0 and <= 0xffffff ? (int)n : -1;

    private static int Number(Root root, string file, int absent) => root.Number(file) is long n and >= -1 and <= 65535 ? (int)n : absent;
}
