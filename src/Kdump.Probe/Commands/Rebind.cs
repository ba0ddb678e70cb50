using System.Text;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Model;
using Kdump.Probe.Machine;
using Kdump.Probe.Screens;

namespace Kdump.Probe.Commands;

/// <summary>
/// Unbinds the driver of a PCI function, binds it again, and reports the kernel's messages and uevents.
/// </summary>
internal static class Rebind
{
    public static int Run(Options options)
    {
        if (options.Operands is not [string operand] || !PciAddress.TryParse(operand, out PciAddress address))
        {
            Output.Error("rebind needs one PCI function, such as 0000:1d:00.0");
            return 2;
        }
        if (!options.Yes)
        {
            Output.Error(
                $"rebind unbinds the driver of {address} and binds it again: " +
                    "everything that uses the device stops, and a driver that hangs stays hung. Add --yes to do it");
            return 2;
        }
        string bdf = address.ToString();
        if (Binding.Obstacle(Binding.Live, bdf) is string obstacle)
        {
            Output.Error(obstacle);
            return 2;
        }
        using var listener = new KernelListener();
        var binding = new Binding(bdf, listener);
        var text = new StringBuilder();
        text.Append($"{bdf}: driver {(binding.Driver.Length == 0 ? "none" : binding.Driver)}\n");
        if (binding.Driver.Length > 0)
        {
            int error = binding.Unbind();
            text.Append($"unbind: {Outcome(error)}; the kernel sent {listener.Events.Count} uevents\n");
            Tell(listener, text);
            if (error != 0)
            {
                Output.Write(text.ToString());
                return 2;
            }
        }
        listener.Clear();
        int bound = binding.Bind();
        text.Append($"bind: {Outcome(bound)}; the kernel sent {listener.Events.Count} uevents\n");
        Tell(listener, text);
        text.Append(Conclusion(bdf, bound, listener, binding)).Append('\n');
        Output.Write(text.ToString());
        return bound != 0 || listener.Facts.Any<ProbeFailed>() || listener.Facts.Any<DriverError>() ? 1 : 0;
    }

    private static string Outcome(int error) => error switch
    {
        0 => "done",
        KernelFile.TimedOut => $"no return after {KernelFile.ActMs / 1000} s: the driver hangs",
        _ => $"refused with -{error} ({Errno.Name(error)})",
    };

    private static void Tell(KernelListener listener, StringBuilder text)
    {
        foreach (Uevent e in listener.Events)
            text.Append(
                $"  uevent {e.Action} {e.Subsystem} " +
                $"{Printable.Escape(e.Path[(e.Path.LastIndexOf('/') + 1)..])}" +
                    $"{(e.Driver.Length > 0 ? $" driver={Printable.Escape(e.Driver)}" : "")}\n");
        foreach (string line in listener.Log)
            text.Append($"  log {Printable.Escape(line)}\n");
    }

    private static string Conclusion(string bdf, int bound, KernelListener listener, Binding binding)
    {
        if (bound == KernelFile.TimedOut)
            return $"The driver's probe of {bdf} hangs.";
        foreach (ProbeFailed failed in listener.Facts.Of<ProbeFailed>())
            return $"{failed.Driver} could not start {failed.Device}: -{failed.Errno} ({Errno.Name(failed.Errno)})" +
                (Errno.InProbe(failed.Errno) is string meaning ? $", {meaning}" : "") + ". No disk can appear, and no udev rule can help.";
        foreach (DriverError failed in listener.Facts.Of<DriverError>())
            return $"{failed.Driver} {failed.Device} reported -{failed.Errno} ({Errno.Name(failed.Errno)}).";
        if (bound != 0)
            return $"The driver refused {bdf}: -{bound} " +
                $"({Errno.Name(bound)}){(Errno.InProbe(bound) is string meaning ? $", {meaning}" : "")}.";
        string disks = "";
        foreach (Uevent e in listener.Events)
        {
            if (e.Action == "add" && e.Subsystem == "block")
                disks += " " + e.DeviceName;
        }
        if (disks.Length > 0)
            return $"The device came back, and the kernel announced the block device{disks}.";
        if (binding.DriverNow().Length > 0)
            return $"The device came back with driver {binding.DriverNow()}; the kernel announced no block device.";
        return $"No driver was bound to {bdf}.";
    }
}
