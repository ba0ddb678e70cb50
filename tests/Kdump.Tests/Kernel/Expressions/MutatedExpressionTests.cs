using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Expressions;

namespace Kdump.Tests.Kernel.Expressions;

/// <summary>Expressions with random changes, over a kernel with random memory: a value or a reason, and nothing else.</summary>
public sealed class MutatedExpressionTests
{
    private static readonly string[] Seeds =
    [
        "init_task.numbers[1] + *(int *)&mystery", "list(init_task.tasks, struct task_struct, tasks)->mm->total_vm",
        "where(tasks(), it->pid > 1 && it->comm != \"x\")[0:2].comm",
        "container_of(init_task.tasks.next, struct task_struct, tasks)->packed",
        "sum(per_cpu(counters).hits) << 3", "(unsigned long)&init_task % sizeof(struct task_struct *)",
        "rbtree(tree, struct list_head, next)",
        "offsetof(struct task_struct, numbers[2])", "map(tasks(), it->numbers[0:4])", "chain(init_task.mm, pgd)", "bits(init_task.comm)",
        "flags(init_task.flags, enum colour)", "string(task(1)->mm->name, 4)", "((char *)init_task.stack)[5] ? 1 : -1", "xarray(mystery)",
    ];

    private static readonly string[] Words =
    [
        "init_task", "it", "struct", "task_struct", "list_head", "->", ".", "[", "]", "(", ")", "*", "&", "-", "0xffffffffffffffff", "-1",
        "9223372036854775807", "tasks()", "list(", "per_cpu(", "where(", "sizeof", "(u8)", "<<", "/", "%", ":", ",", "\"", "'", "mm", "::",
        "0", "[0:", "typeof(", "count(", "sum(", "bits(", "chain(", "pid", "comm", "numbers", "?", "counters", "do_work",
        "\u00e9", "enum colour",
    ];

    [Fact]
    public void A_changed_expression_has_a_value_or_a_reason()
    {
        ExpressionKernel made = new();
        using Vmcore vmcore = made.Open();
        Interpreter interpreter = ExpressionKernel.Interpreter(vmcore);
        ObjectTree tree = new(interpreter.Types, 5, 20);
        Random random = new(14);
        int values = 0;
        for (int i = 0; i < 6000; i++)
        {
            string text = Seeds[random.Next(Seeds.Length)];
            for (int n = random.Next(4); n > 0 && text.Length > 0; n--)
                text = Changed(text, random);
            values += Answer(interpreter, tree, text) ? 1 : 0;
        }
        // Else this would test nothing but the parser.
        Assert.InRange(values, 1000, 5999);
    }

    [Fact]
    public void Words_in_any_order_have_a_value_or_a_reason()
    {
        ExpressionKernel made = new();
        using Vmcore vmcore = made.Open();
        Interpreter interpreter = ExpressionKernel.Interpreter(vmcore);
        ObjectTree tree = new(interpreter.Types, 5, 20);
        Random random = new(15);
        for (int i = 0; i < 6000; i++)
            Answer(interpreter, tree, string.Join(random.Next(2) == 0 ? " " : "",
                Enumerable.Range(0, random.Next(1, 12)).Select(_ => Words[random.Next(Words.Length)])));
    }

    [Fact]
    public void An_expression_over_random_memory_has_a_value_or_a_reason()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            ExpressionKernel made = new();
            Random random = new(seed);
            foreach (VirtualAddress task in made.Tasks.Append(made.Init))
                for (int n = random.Next(6); n > 0; n--)
                    made.Kernel.Memory.U64(task + 8 * random.Next(24), random.Next(4) switch
                    {
                        0 => unchecked((ulong)random.NextInt64()),
                        1 => made.Tasks[random.Next(3)].Value + (ulong)random.Next(192),
                        2 => ulong.MaxValue - (ulong)random.Next(64),
                        _ => (ulong)random.Next(3),
                    });
            using Vmcore vmcore = made.Open();
            Interpreter interpreter = ExpressionKernel.Interpreter(vmcore);
            ObjectTree tree = new(interpreter.Types, 5, 20);
            foreach (string text in Seeds)
                Answer(interpreter, tree, text);
        }
    }

    private static bool Answer(Interpreter interpreter, ObjectTree tree, string text)
    {
        try
        {
            switch (interpreter.Evaluate(text))
            {
                case KernelObject one:
                    tree.Of(one);
                    break;
                case ObjectSequence many:
                    foreach (KernelObject item in many.Take(200))
                        tree.Of(item);
                    break;
            }
            return true;
        }
        catch (Exception e) when (e is ExpressionException or InputException)
        {
            if (e is ExpressionException wrong)
                Assert.InRange(wrong.Column, 0, text.Length);
            return false;
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"'{text}': {e.GetType().Name}: {e.Message}", e);
        }
    }

    private static string Changed(string text, Random random)
    {
        int at = random.Next(text.Length);
        return random.Next(5) switch
        {
            0 => text.Remove(at, 1),
            1 => text.Insert(at, ((char)random.Next(33, 127)).ToString()),
            2 => text.Insert(at, Words[random.Next(Words.Length)]),
            3 => text[..at] + Words[random.Next(Words.Length)] + text[Math.Min(text.Length, at + random.Next(6))..],
            _ => text[..at] + text[random.Next(text.Length)..],
        };
    }
}
