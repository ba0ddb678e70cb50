using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Evidence;

public sealed class FunctionGraphTests
{
    [Fact]
    public void A_recorded_trace_without_return_values_ends_in_the_vector_allocator()
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, "fixtures/cases/vector-exhaustion/trace.txt"));
        CallFailed call = Assert.Single(Read.With(new FunctionGraph(), text).Of<CallFailed>());
        Assert.Equal("irq_matrix_alloc", call.Function);
        Assert.True(call.RunsOutOfVectors);
        Assert.StartsWith("request_threaded_irq -> __setup_irq -> irq_activate -> ", call.Path);
        Assert.EndsWith("assign_irq_vector_any_locked -> assign_vector_locked -> irq_matrix_alloc", call.Path);
        Assert.Null(call.ReturnValue);
        Assert.Contains("no return values", call.Reasoning);
        Assert.Contains("the step was tried again", call.Reasoning);
    }

    [Theory]
    [InlineData("c(); /* = -28 */", "} /* b = -28 */", "} /* a = -28 */")]
    [InlineData("c(); /* = 0xffffffe4 */", "} /* b = 0xffffffffffffffe4 */", "} /* a = -28 */")]
    [InlineData("c(); /* ret=-28 */", "} /* b ret=-28 */", "} /* a ret=-28 */")]
    [InlineData("c [mod](); /* = -28 */", "} /* b [mod] = -28 */", "} /* a = -28 */")]
    [InlineData("c(x=1, y=0x2); /* ret=-28 */", "} /* b ret=-28 */", "} /* a ret=-28 */")]
    public void Return_values_lead_to_where_the_error_arises(string leaf, string middle, string outer)
    {
        string text = $" 0)               |  a() {{\n 0)               |    b [mod]() {{\n 0)   1.0 us      |      d(); /* = -2 */\n 0) " +
            $"+ 10.0 us    |      {leaf}\n 0)   1.0 us    |      unlock(); /* = 0x0 */\n 0) ! 100.0 us   |    {middle}\n 0)   1 us  |    " +
            $"kfree();\n 0) # 1000.0 us  |  {outer}\n";
        CallFailed call = Assert.Single(Read.With(new FunctionGraph(), text).Of<CallFailed>());
        Assert.Equal(("c", "a -> b -> c", -28L), (call.Function, call.Path, call.ReturnValue));
        Assert.Equal(4, call.Source.Line);
    }

    [Fact]
    public void A_call_that_returned_success_is_no_failure()
    {
        Assert.Empty(Read.With(new FunctionGraph(), " 0)  |  a() {\n 0)  1 us |    b(); /* = -11 */\n 0)  |  } /* a = 0x0 */\n")
            .Of<CallFailed>());
        Assert.Empty(Read.With(new FunctionGraph(), " 0)  |  a() {\n 0)  1 us |    kmalloc();\n 0) 1 us | work();\n 0)  |  }\n")
            .Of<CallFailed>());
    }

    [Fact]
    public void Getting_and_putting_within_one_call_is_not_enough()
    {
        string text = " 0)  |  a() {\n 0) 1 us |    node_get();\n 0) 1 us |    work();\n 0) 1 us |    node_put();\n 0)  |  }\n";
        Assert.Empty(Read.With(new FunctionGraph(), text).Of<CallFailed>());
    }

    [Fact]
    public void Processors_are_kept_apart()
    {
        string text = " 0)  |  a() {\n 1)  |  x() {\n 0) 1 us |    b(); /* = -28 */\n 1) 1 us |    y(); /* = -5 */\n 0)  |  } /* a = -28 " +
            "*/\n 1)  |  } /* x = -5 */\n";
        Assert.Equal(["a -> b", "x -> y"], Read.With(new FunctionGraph(), text).Of<CallFailed>().Select(c => c.Path));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" 0)  |  }\n 0)  |  }\n")]
    [InlineData(" 0)  |  a() {\n")]
    [InlineData(" 0) | /* comment */\n ------\n 0)  bash-1  =>  kworker-2\n")]
    [InlineData(" 0) |  () {\n 0) | } /* = -28 */\n")]
    public void What_is_cut_or_odd_is_passed_over(string text) => Assert.Empty(Read.With(new FunctionGraph(), text).Of<CallFailed>());

    [Fact]
    public void Endless_nesting_does_not_grow_without_bound()
    {
        string text = string.Concat(Enumerable.Repeat(" 0)  |  a() {\n", 5000)) +
            string.Concat(Enumerable.Repeat(" 0)  |  } /* a = -28 */\n", 5000));
        CallFailed call = Assert.Single(Read.With(new FunctionGraph(), text).Of<CallFailed>());
        Assert.True(call.Path.Length < 5000);
    }
}
