using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Expressions;
using Kdump.Kernel.Memory;

namespace Kdump.Tests.Kernel.Expressions;

public sealed class InterpreterTests : IDisposable
{
    private readonly ExpressionKernel kernel = new();
    private readonly Lazy<Vmcore> vmcore;

    public InterpreterTests() => vmcore = new(() => kernel.Open());

    private Interpreter Interpreter => field ??= ExpressionKernel.Interpreter(vmcore.Value);

    // What gcc gives for the same expressions.
    [Theory]
    [InlineData("1 + 2 * 3", 7, "int")]
    [InlineData("(1 + 2) * 3", 9, "int")]
    [InlineData("10 - 3 - 2", 5, "int")]
    [InlineData("-1 > 0u", 1, "int")]
    [InlineData("-1 > 0l", 0, "int")]
    [InlineData("(unsigned char)300", 44, "unsigned char")]
    [InlineData("(signed char)200", -56, "signed char")]
    [InlineData("-7 / 2", -3, "int")]
    [InlineData("-7 % 2", -1, "int")]
    [InlineData("-7 >> 1", -4, "int")]
    [InlineData("1u << 31", 2147483648, "unsigned int")]
    [InlineData("0x7fffffff + 1", -2147483648, "int")]
    [InlineData("0xffffffff + 1", 0, "unsigned int")]
    [InlineData("4294967295 + 1", 4294967296, "long")]
    [InlineData("~0ul == -1", 1, "int")]
    [InlineData("(char)1 + (short)2", 3, "int")]
    [InlineData("1 ? 2 : 3", 2, "int")]
    [InlineData("0 || 1 && 0", 0, "int")]
    [InlineData("5 & 3 == 3", 1, "int")]
    [InlineData("1 | 2 ^ 3 & 4", 3, "int")]
    [InlineData("!5", 0, "int")]
    [InlineData("0b101 + 017", 20, "int")]
    [InlineData("'a'", 97, "int")]
    [InlineData("'\\n'", 10, "int")]
    [InlineData("sizeof(int) + sizeof(struct list_head)", 20, "unsigned long")]
    [InlineData("sizeof init_task.comm", 16, "unsigned long")]
    [InlineData("(long)(int)0xffffffff", -1, "long")]
    [InlineData("(_Bool)256", 1, "_Bool")]
    public void Integers_are_those_of_C(string expression, long value, string type)
    {
        KernelObject one = One(expression);
        Assert.Equal((value, type), (unchecked((long)one.Load()), one.Type.ToString()));
    }

    [Theory]
    [InlineData("init_task.pid", 0)]
    [InlineData("init_task.low", 2)]
    [InlineData("init_task.numbers[1]", -20)]
    [InlineData("*(init_task.numbers + 3)", 40)]
    [InlineData("(&init_task.numbers[3]) - &init_task.numbers[0]", 3)]
    [InlineData("init_task.packed.three", 5)]
    [InlineData("init_task.packed.signed_five", -1)]
    [InlineData("init_task.packed.rest", 0x123456)]
    [InlineData("(&init_task)->packed.three + 1", 6)]
    [InlineData("offsetof(struct task_struct, packed)", 124)]
    [InlineData("offsetof(struct task_struct, numbers[2])", 104)]
    [InlineData("offsetof(struct task_struct, tasks.prev)", 32)]
    [InlineData("container_of(init_task.tasks.next, struct task_struct, tasks)->pid", 1)]
    [InlineData("((struct task_struct *)((char *)init_task.tasks.next - 24))->pid", 1)]
    [InlineData("task(1)->mm->total_vm", 500)]
    [InlineData("per_cpu(counters, 1).hits", 11)]
    [InlineData("sum(per_cpu(counters).misses)", 14)]
    [InlineData("nr_threads", 42)]
    [InlineData("(int)mystery", 0x55667788)]
    [InlineData("*(unsigned short *)&mystery", 0x7788)]
    [InlineData("GREEN | BLUE", 6)]
    [InlineData("init_task.colour == RED", 1)]
    [InlineData("task(1)->comm == \"task1\"", 1)]
    [InlineData("task(1)->mm->name != \"the mm\"", 0)]
    [InlineData("count(list(init_task.tasks, struct task_struct, tasks))", 3)]
    [InlineData("max(list(init_task.tasks, struct task_struct, tasks).pid)", 3)]
    [InlineData("sum(where(tasks(), it->pid > 1)->pid)", 5)]
    [InlineData("sum(tasks()->mm->total_vm)", 500)]
    [InlineData("list(init_task.tasks, struct task_struct, tasks)[1]->pid", 2)]
    [InlineData("count(init_task.numbers[1:3])", 2)]
    [InlineData("sum(init_task.numbers)", 60)]
    [InlineData("init_task.handler == do_work", 1)]
    [InlineData("sizeof(typeof(init_task.numbers))", 16)]
    [InlineData("sizeof(task_t)", 4)]
    [InlineData("(u64)-1 >> 60", 15)]
    [InlineData("count(bits(0x15))", 3)]
    public void Memory_is_read_as_C_reads_it(string expression, long value) => Assert.Equal(value, unchecked((long)One(expression).Load()));

    [Fact]
    public void A_tree_is_walked_in_its_order() =>
        Assert.Equal([2UL, 1, 3], Many("rbtree(*(struct list_head *)&tree, struct task_struct, node)->pid").Select(o => o.Load()));

    [Fact]
    public void An_address_may_be_written_without_0x() =>
        Assert.Equal(1UL, One($"((struct task_struct *){kernel.Tasks[0]})->pid").Load());

    [Fact]
    public void Elements_of_a_slice_and_CPUs_have_labels()
    {
        Assert.Equal(["[1]", "[2]"], Many("init_task.numbers[1:3]").Select(o => o.Label));
        Assert.Equal(["[0]", "[1]"], Many("per_cpu(counters).hits").Select(o => o.Label));
    }

    [Fact]
    public void An_element_whose_pointer_is_NULL_fails_alone()
    {
        KernelObject[] all = [.. Many("list(init_task.tasks, struct task_struct, tasks)->mm->total_vm")];
        Assert.Equal([true, false, false], all.Select(o => o.Failure is null));
        Assert.True(NullPointer.Is(all[1].Failure));
    }

    [Fact]
    public void An_element_whose_memory_is_missing_fails_alone_and_a_sum_over_it_is_no_number()
    {
        VirtualAddress gone = kernel.Kernel.Memory.Allocate(4096, 4096);
        kernel.Kernel.Memory.U64(kernel.Tasks[1] + 80, gone.Value).Take(gone, MemoryState.Excluded);
        KernelObject[] all = [.. Many("list(init_task.tasks, struct task_struct, tasks)->mm->total_vm")];
        Assert.Equal(500UL, all[0].Load());
        Assert.Equal(MemoryState.Excluded, MissingMemory.Of(Assert.Throws<InputException>(() => all[1].Load())));
        Assert.Throws<InputException>(() => Interpreter.Evaluate("sum(tasks()->mm->total_vm)"));
    }

    [Fact]
    public void A_list_that_breaks_off_says_so_and_its_count_is_no_number()
    {
        kernel.Kernel.Memory.U64(kernel.Tasks[1] + 24, 0);
        ObjectSequence all = Many("list(init_task.tasks, struct task_struct, tasks).pid");
        Assert.Equal(2, all.Count());
        Assert.Contains("NULL link", Assert.Single(all.Damages).Reason);
        Assert.Throws<InputException>(() => Interpreter.Evaluate("count(list(init_task.tasks, struct task_struct, tasks))"));
    }

    // The column counts from 0; what is expected stands in the message.
    [Theory]
    [InlineData("init_task.pdi", 10, "did you mean 'pid'")]
    [InlineData("init_tsak", 0, "did you mean 'init_task'")]
    [InlineData("struct task_strct", 7, "did you mean 'task_struct'")]
    [InlineData("(struct thing *)0 +", 19, "a value was expected, not the end")]
    [InlineData("1 +* ", 5, "a value was expected")]
    [InlineData("(1", 0, "')' was expected")]
    [InlineData("1 2", 2, "expected an operator or the end")]
    [InlineData("init_task->pid", 9, "is no pointer: write '.pid'")]
    [InlineData("task(1).pid", 7, "is a pointer: write '->pid'")]
    [InlineData("init_task.pid = 3", 14, "a dump cannot be changed")]
    [InlineData("1 / 0", 2, "division by zero")]
    [InlineData("1 << 32", 2, "no value in C")]
    [InlineData("init_task.numbers[4]", 17, "has 4 elements")]
    [InlineData("*init_task", 0, "is no pointer")]
    [InlineData("*5", 0, "cast it to one")]
    [InlineData("mystery + 1", 8, "give it: (TYPE)mystery")]
    [InlineData("counters.hits", 9, "per_cpu(counters, CPU)")]
    [InlineData("per_cpu(counters, 9)", 18, "there is no CPU 9")]
    [InlineData("per_cpu(init_task, 0)", 8, "is no per-CPU variable")]
    [InlineData("do_work(1)", 0, "functions of the kernel cannot be called")]
    [InlineData("list(init_task.tasks, task_struct, tasks)", 22, "did you mean 'struct task_struct'")]
    [InlineData("list(init_task.tasks, struct task_struct)", 0, "the member is missing")]
    [InlineData("task(99)", 5, "no task has the id 99")]
    [InlineData("\"abc", 0, "the closing \" is missing")]
    [InlineData("init_task @ 3", 10, "'@' is not allowed here")]
    [InlineData("0x", 0, "is no number")]
    [InlineData("&1", 0, "has no address")]
    [InlineData("&init_task.packed.three", 0, "a bitfield has no address")]
    [InlineData("task_t", 0, "is a type")]
    [InlineData("tasks() + tasks()", 8, "two sequences")]
    [InlineData("nvme::ctrl", 0, "no module 'nvme' is loaded")]
    [InlineData("struct nvme::ctrl", 13, "no module 'nvme' with types is loaded")]
    [InlineData("(struct task_struct)5", 0, "is not a valid type for a cast")]
    [InlineData("it", 0, "inside where() and map()")]
    public void What_is_wrong_is_shown_where_it_is(string expression, int column, string message)
    {
        ExpressionException e = Assert.Throws<ExpressionException>(() =>
        {
            if (Interpreter.Evaluate(expression) is ObjectSequence many)
                _ = many.Count();
        });
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
        Assert.Equal(column, e.Column);
    }

    [Fact]
    public void Nothing_is_too_deep_or_too_long_to_be_refused()
    {
        foreach (string wild in (string[])[new string('(', 5000), new string('-', 5000) + "1",
            "1" + string.Concat(Enumerable.Repeat("+1", 3000)), "init_task" +
            string.Concat(Enumerable.Repeat(".tasks", 2000)), new string('1', 20000), "sizeof(" + new string('*', 400) + "1)",
            string.Concat(Enumerable.Repeat("1?", 3000)), "(int" + new string('*', 6000) + ")1"])
            Assert.Throws<ExpressionException>(() => Interpreter.Evaluate(wild));
    }

    [Fact]
    public void What_would_run_for_hours_is_stopped()
    {
        ExpressionException e = Assert.Throws<ExpressionException>(() => Interpreter.Evaluate(
            "count(where(init_task.comm[0:16], count(where(init_task.comm[0:16], count(where(init_task.comm[0:16], count(where(" +
            "init_task.comm[0:16], count(where(init_task.comm[0:16], count(init_task.comm[0:16]) < 0)) < 1)) < 1)) < 1)) < 1))"));
        Assert.Contains("stopped after", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_variable_of_the_table_has_the_type_that_its_source_declares()
    {
        Assert.Equal("int", One("nr_threads").Type.ToString());
        Assert.True(One("mystery").IsUntyped);
    }

    [Fact]
    public void Addresses_are_taken_as_crash_takes_them()
    {
        Assert.Equal(kernel.Init, Interpreter.AddressOf("init_task"));
        Assert.Equal(kernel.Mm, Interpreter.AddressOf("task(1)->mm"));
        Assert.Equal(0x1000UL, Interpreter.AddressOf("1000").Value);
        Assert.Equal(kernel.Init + 24, Interpreter.AddressOf("init_task.tasks"));
        Assert.Equal(2, Interpreter.Places("counters:a").Count());
        Assert.Equal(vmcore.Value.PerCpu.Value!.Address("counters", 1), Assert.Single(Interpreter.Places("counters:1")).Address);
    }

    public void Dispose()
    {
        if (vmcore.IsValueCreated)
            vmcore.Value.Dispose();
    }

    private KernelObject One(string expression) => Assert.IsType<KernelObject>(Interpreter.Evaluate(expression));

    private ObjectSequence Many(string expression) => Assert.IsType<ObjectSequence>(Interpreter.Evaluate(expression));
}
