namespace Kdump.Diagnosis.Crashes;

/// <summary>One way to find the guilty function in a report; true when it saw everything that a report of its kind holds.</summary>
internal delegate bool Walk(Suspects s);

/// <summary>The ways that reports of the kernel are built: which part names the guilty function first.</summary>
internal static class Walks
{
    public static bool Fault(Suspects s)
    {
        s.Fault();
        return true;
    }

    /// <summary>The heading is itself a frame of the stack.</summary>
    public static bool Here(Suspects s)
    {
        s.Trace();
        return true;
    }

    /// <summary>The place that the registers in the midst of a stack tell; without them, what stands below the trap's own frames.</summary>
    public static bool FaultOrBelow(Suspects s)
    {
        s.Trace(until: s.Place);
        return true;
    }

    public static bool Trace(Suspects s)
    {
        s.Call();
        s.Trace();
        return true;
    }

    public static bool FaultThenTrace(Suspects s)
    {
        s.Fault();
        bool whole = Trace(s);
        // If the stack of a copying or comparing function is cut off, or the code jumped to nowhere, only a register holds the
        // caller.
        if (s.Names.Count == 0 && (s.AtKnown || s.AtNumber))
            s.Caller();
        return whole;
    }

    /// <summary>
    /// Since 4.11 a WARN is a trap: its registers stand in the middle of the trace, below the frames that print the warning.
    /// </summary>
    public static bool Warning(Suspects s)
    {
        s.FaultOrInterrupt();
        s.Trace();
        return true;
    }

    /// <summary><c>BUG: KASAN: use-after-free in f+0x1/0x2</c>, then the stack of the access.</summary>
    public static bool NamedThenCall(Suspects s)
    {
        s.Named(" in ");
        return Trace(s);
    }

    public static bool NamedThenTrace(Suspects s)
    {
        s.Named(" in ");
        s.Trace();
        return true;
    }

    /// <summary>lockdep: the lock that is to be taken, the lock that is held, then the chain.</summary>
    public static bool LockedAt(Suspects s)
    {
        s.Named("at: ");
        s.Named("at: ");
        s.Trace();
        return true;
    }

    /// <summary>lockdep's simpler reports: one place, named outright.</summary>
    public static bool TriesToAcquire(Suspects s) => Below(s, "is trying to acquire");

    public static bool ChangedState(Suspects s) => Below(s, "just changed the state of lock");

    public static bool Takes(Suspects s) => Below(s, "takes");

    public static bool StillHeld(Suspects s) => Below(s, "leaving the kernel with locks still held");

    private static bool Below(Suspects s, string text)
    {
        s.Seek(line => line.Contains(text, StringComparison.Ordinal));
        return s.Named("at: ", exact: true);
    }

    public static bool BecameUnsafe(Suspects s)
    {
        s.Seek(line => line.Contains("which became ", StringComparison.Ordinal) && line.Contains(" at:", StringComparison.Ordinal));
        s.Trace();
        return true;
    }

    /// <summary>The first address in brackets with a function behind it, then the stack.</summary>
    public static bool AddressThenTrace(Suspects s)
    {
        s.Named("] ");
        return Trace(s);
    }

    public static bool PageAllocation(Suspects s)
    {
        s.Seek(line => line.Contains("page last allocated", StringComparison.Ordinal));
        s.Trace();
        return true;
    }

    public static bool Leak(Suspects s)
    {
        s.Seek(line => line.Contains("backtrace:", StringComparison.Ordinal) || TraceStart.IsLeak(line));
        s.Trace();
        return true;
    }

    /// <summary>KMSAN prints no heading before the stack of the use; the stack of the origin must follow.</summary>
    public static bool UseThenOrigin(Suspects s)
    {
        bool reached = s.Trace(IsOrigin);
        int uses = s.Names.Count;
        if (!reached)
            s.Seek(IsOrigin);
        s.Trace();
        bool origin = s.Names.Count > uses;
        s.Names.RemoveRange(uses, s.Names.Count - uses);
        return origin;
    }

    /// <summary>A stall is found by the timer interrupt: what it interrupted stands below it.</summary>
    public static bool BelowTimerInterrupt(Suspects s)
    {
        s.Seek(line => line.Contains("apic_timer_interrupt", StringComparison.Ordinal));
        s.Fault();
        s.Trace();
        return true;
    }

    public static bool BelowAnyInterrupt(Suspects s)
    {
        s.Seek(line => line.Contains("apic_timer_interrupt", StringComparison.Ordinal) ||
            line.Contains("Exception stack", StringComparison.Ordinal) ||
            line.Contains("el1h_64_irq", StringComparison.Ordinal));
        s.Trace();
        return true;
    }

    private static bool IsOrigin(string line) =>
        line.Contains("Uninit was created at:", StringComparison.Ordinal) ||
        (line.Contains("Local variable ", StringComparison.Ordinal) && line.Contains(" created at:", StringComparison.Ordinal));
}
