namespace Kdump.Kernel.Views;

/// <summary>Kind of object for which a sleeping task waits.</summary>
public enum WaitKind : byte
{
    Mutex,
    RwSemaphore,
    Semaphore,
    RtMutex,

    /// <summary>A percpu_rw_semaphore, for example sb_writers of a frozen file system.</summary>
    PerCpuRwSemaphore,

    /// <summary>A completion: the task waits until another one calls complete().</summary>
    Completion,

    /// <summary>A bit of a word (wait_on_bit): for example the lock of a buffer or an inode.</summary>
    Bit,

    /// <summary>A bit of a page's flags: locked, under writeback.</summary>
    PageBit,

    /// <summary>A wait queue of any other kind.</summary>
    Queue,
}
