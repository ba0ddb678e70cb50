using Kdump.Kernel;
using Kdump.Kernel.Views;

namespace Kdump.Tests.Kernel.Views;

public sealed class CrashTests
{
    private readonly KernelBuilder kernel = new();

    [Fact]
    public void The_CPU_is_panic_cpus_when_it_has_one()
    {
        kernel.Memory.U32(kernel.Data("panic_cpu", 4), 3).U32(kernel.Data("crashing_cpu", 4), 2);
        Assert.Equal((3, "panic_cpu"), Cpu());
    }

    [Fact]
    public void A_panic_cpu_of_minus_one_leaves_it_to_crashing_cpu()
    {
        kernel.Memory.U32(kernel.Data("panic_cpu", 4), uint.MaxValue).U32(kernel.Data("crashing_cpu", 4), 2);
        Assert.Equal((2, "crashing_cpu"), Cpu());
    }

    [Fact]
    public void A_machine_that_did_not_panic_has_no_crashing_CPU_and_no_reason()
    {
        kernel.Memory.U32(kernel.Data("panic_cpu", 4), uint.MaxValue).U32(kernel.Data("crashing_cpu", 4), uint.MaxValue);
        using Vmcore vmcore = kernel.Open();
        Assert.Null(vmcore.Crash.Cpu);
        Assert.Null(vmcore.Crash.Panic);
    }

    [Fact]
    public void Taints_are_the_letters_of_the_oops()
    {
        kernel.Memory.U64(kernel.Data("tainted_mask", 8), 1 << 0 | 1 << 12 | 1 << 13);
        using Vmcore vmcore = kernel.Open();
        Assert.Equal("POE", Kdump.Kernel.Structs.TaintFlags.Letters(vmcore.Crash.Taints!.Value));
    }

    [Fact]
    public void The_name_of_the_system_is_its_uname()
    {
        using Vmcore vmcore = kernel.Open();
        Assert.Equal(new SystemName("host", KernelBuilder.Release, "#1 SMP", "x86_64"), SystemName.Read(vmcore));
    }

    private (int?, string?) Cpu()
    {
        using Vmcore vmcore = kernel.Open();
        return (vmcore.Crash.Cpu, vmcore.Crash.CpuSource);
    }
}
