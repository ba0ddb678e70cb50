using System.Globalization;
using Kdump.Diagnosis.Vectors;

namespace Kdump.Tests.Verdicts;

public sealed class CpuPlanTests
{
    [Fact]
    public void The_case_of_the_field_needs_two()
    {
        Assert.Equal(2, CpuPlan.Smallest(total: 209, perCpu: 4, capacity: 201));
    }

    [Theory]
    [InlineData(100, 4, 1)]
    [InlineData(400, 4, 3)]
    [InlineData(0, 0, 1)]
    public void The_plan_keeps_a_margin(int total, int perCpu, int cpus) => Assert.Equal(cpus, CpuPlan.Smallest(total, perCpu, 201));

    [Fact]
    public void More_queues_than_a_CPU_has_vectors_fit_nowhere()
    {
        Assert.Null(CpuPlan.Smallest(300, 250, 201));
    }

    [CorpusFact("vectors")]
    public void It_agrees_with_the_kernels_own_allocator()
    {
        string[] rows = File.ReadAllLines(Path.Combine(Repository.Corpus("vectors")!, "manifest.tsv"));
        string[] head = rows[0].Split('\t');
        int read = 0;
        foreach (string[] row in rows.Skip(1).Select(r => r.Split('\t')))
        {
            int Number(string column) => int.Parse(row[Array.IndexOf(head, column)], CultureInfo.InvariantCulture);
            int capacity = Number("avl_per_cpu");
            bool fits = CpuPlan.Fits(Number("nonmanaged_requested"), Number("managed_sets"), Number("cpus"), capacity);
            Assert.True(fits == (row[Array.IndexOf(head, "matrix_c")] == "ok"), $"vectors/{row[0]}: {string.Join(' ', row)}");
            Assert.InRange(capacity, VectorCapacity.Unmeasured.Low, VectorCapacity.Unmeasured.High);
            read++;
        }
        Assert.True(read > 50);
    }
}
