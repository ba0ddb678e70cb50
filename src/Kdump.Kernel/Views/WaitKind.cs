namespace Kdump.Kernel.Views;

/// <summary>What a sleeping task waits for.</summary>
public enum WaitKind : byte
{
    Mutex,
    RwSemaphore,
    Semaphore,
    RtMutex,

    /// <summary>A percpu_rw_semaphore, as a frozen file system's sb_writers.</summary>
    PerCpuRwSemaphore,

    /// <summary>complete() of somebody.</summary>
    Completion,

    /// <summary>A bit of a word (wait_on_bit): a buffer's lock, an inode's.</summary>
    Bit,

    /// <summary>A bit of a page's flags: locked, under writeback.</summary>
    PageBit,

    /// <summary>A wait queue that is nothing of the above.</summary>
    Queue,
}
