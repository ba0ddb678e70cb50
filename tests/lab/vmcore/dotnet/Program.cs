// Programs for "kdt vmcore clr" to find: one that has thrown and sleeps in its catch, one of whose threads two wait for each other.
namespace Victim;

public sealed class Order(int number)
{
    public int Number { get; } = number;
}

public static class Program
{
    private static readonly object Left = new(), Right = new();
    private static readonly List<Order> Orders = [];

    public static void Main(string[] args)
    {
        for (int i = 0; i < 50_000; i++)
            Orders.Add(new Order(i));
        if (args[0] == "throws")
            Catch();
        else
            Deadlock();
    }

    private static void Catch()
    {
        try
        {
            Deep(6);
        }
        catch (InvalidOperationException)
        {
            Console.WriteLine("LAB dotnet|throws");
            Thread.Sleep(Timeout.Infinite);
        }
    }

    private static void Deep(int more)
    {
        if (more == 0)
            throw new InvalidOperationException($"order {Orders.Count} is not there");
        Deep(more - 1);
    }

    private static void Deadlock()
    {
        using Barrier both = new(2);
        Thread left = new(() => Take(Left, Right, both)) { Name = "left" };
        Thread right = new(() => Take(Right, Left, both)) { Name = "right" };
        left.Start();
        right.Start();
        Thread.Sleep(500);
        Console.WriteLine("LAB dotnet|deadlock");
        left.Join();
    }

    private static void Take(object first, object second, Barrier both)
    {
        lock (first)
        {
            both.SignalAndWait();
            lock (second)
                Console.WriteLine("LAB dotnet|no deadlock");
        }
    }
}
