using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Evidence;

public sealed class IrqMatrixTests
{
    private const string Full = """
        name:   VECTOR
         size:   0
         mapped: 221
         flags:  0x00000103
        Online bitmaps:        2
        Global available:      4
        Global reserved:      17
        Total allocated:     396
        System: 38: 0-19,32,50,128,236-255
         | CPU | avl | man | mac | act | vectors
             0     3     2     1   198  33-49,51-127
             1     1     0     0   198  33-49,51-127
        """;

    [Fact]
    public void The_allocators_own_numbers_give_the_capacity()
    {
        VectorDomain domain = Assert.Single(Read.With(new IrqMatrix(), Full).Of<VectorDomain>());
        Assert.Equal((2, 4, 396, 17, 1), (domain.Cpus, domain.Available, domain.Allocated, domain.Reserved, domain.ManagedIdle));
        Assert.Equal(200, domain.Capacity.Low);
        Assert.Equal(new CpuVectors(1, 1, 0, 0, 198), domain.PerCpu[1]);
    }

    [Fact]
    public void A_table_without_rows_or_of_nonsense_is_none()
    {
        Assert.Empty(Read.With(new IrqMatrix(), "Global available: 4\n").Of<VectorDomain>());
        Assert.Empty(Read.With(new IrqMatrix(), "Global available: 99999999999\n 0 -1 2 3 4\n").Of<VectorDomain>());
    }
}
