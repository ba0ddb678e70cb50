using System.Globalization;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Expressions;

namespace Kdump.Cli.Commands;

/// <summary>crash's dev without options: character and block devices by their major numbers, fs/char_dev.c and block/genhd.c.</summary>
internal sealed class ShellDevices(Vmcore vmcore, Interpreter interpreter, Context here)
{
    public bool Show()
    {
        here.Output.WriteLine("CHRDEV  NAME                 OPERATIONS");
        foreach (KernelObject device in All("map(where(chrdevs, it != 0), chain(it, next))"))
        {
            string operations = Value(device, "cdev") is > 0 ? Operations(device) : "";
            here.Output.WriteLine($"{Number(device, "major"),6}  {Name(device),-20} {operations}".TrimEnd());
        }
        here.Output.WriteLine("\nBLKDEV  NAME");
        foreach (KernelObject device in All("map(where(major_names, it != 0), chain(it, next))"))
            here.Output.WriteLine($"{Number(device, "major"),6}  {Name(device)}");
        return true;
    }

    private ObjectSequence All(string expression) => (ObjectSequence)interpreter.Evaluate(expression);

    private string Operations(KernelObject device)
    {
        ulong at = ((KernelObject)interpreter.Evaluate($"((struct char_device_struct *)0x{device.Load():x})->cdev->ops")).Load();
        return vmcore.Locate(new VirtualAddress(at)) is { } where ? Printable.Escape(where.Symbol) : $"{at:x}";
    }

    private string Name(KernelObject device)
    {
        try
        {
            return Printable.Escape(interpreter.MemberOf(Whole(device), "name").String() ?? "");
        }
        catch (InputException)
        {
            return "<missing>";
        }
    }

    private string Number(KernelObject device, string member) =>
        Value(device, member) is { } value ? value.ToString(CultureInfo.InvariantCulture) : "?";

    private ulong? Value(KernelObject device, string member)
    {
        try
        {
            return interpreter.MemberOf(Whole(device), member).Load();
        }
        catch (InputException)
        {
            return null;
        }
    }

    private KernelObject Whole(KernelObject device) =>
        KernelObject.At(vmcore.Memory, device.Type.Bare.Target, new VirtualAddress(device.Load()));
}
