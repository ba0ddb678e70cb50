using Kdump.Formats.Bytes;
using Kdump.Formats.Elf;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Unwind;

namespace Kdump.Kernel.Views;

/// <summary>
/// Writes a process of the crashed kernel as an ELF core. Each page is taken from the memory that the page tables map, otherwise from the
/// page cache of its file, otherwise from a file with the same build id. Pages that are in none of them are holes in the core; no content
/// is invented.
/// </summary>
public sealed class ProcessCore : IDisposable
{
    /// <summary>Maximum number of pages to look up in files (256 GB); the core reports further pages as not read.</summary>
    private const long MaxLookups = 1 << 26;

    private readonly List<Damage> damages = [];
    private readonly ProcessPages pages;
    private readonly ushort machine;
    private readonly byte[] buffer;
    private long lookups;

    /// <param name="tasks">The tasks, to find the threads of the process.</param>
    /// <param name="open">Opens a file of the machine by its path; returns null if it is not available.</param>
    /// <exception cref="InputException">The task has no memory, or BTF lacks a struct.</exception>
    public ProcessCore(CrashedKernel kernel, TaskStruct task, Tasks tasks,
        IReadOnlyDictionary<int, Registers> registers, Func<string, Stream?> open)
    {
        Memory = new ProcessAreas(kernel, task, tasks);
        damages.AddRange(Memory.Damages);
        machine = kernel.Machine switch
        {
            "x86_64" => ElfMachine.X8664,
            "aarch64" => ElfMachine.AArch64,
            _ => throw new InputException(kernel.Dump.Name, "machine", -1,
                $"{kernel.Dump.Info.Machine}: only processes of x86-64 and arm64 can be written"),
        };
        pages = new ProcessPages(kernel, Memory, open);
        buffer = new byte[pages.Size];
        Notes = new CoreNotes(kernel, task,
            [.. tasks.All.Where(t => t.Tgid == task.Tgid).OrderBy(t => t.Pid == task.Pid ? 0 : 1).ThenBy(t => t.Pid)],
            registers, Memory);
        damages.AddRange(Notes.Damages);
    }

    public ProcessAreas Memory { get; }

    public CoreNotes Notes { get; }

    /// <summary>The pages of the process, for random access.</summary>
    public ProcessPages Pages => pages;

    /// <summary>The pages of each area by source or reason; filled by <see cref="Write"/>.</summary>
    public IReadOnlyList<(ProcessArea Area, CorePages Pages)> Areas { get; private set; } = [];

    public CorePages Total { get; } = new();

    public int Segments { get; private set; }

    /// <summary>Files of the machine that were specified but not used, with the reason.</summary>
    public IReadOnlyList<(string Path, string Reason)> NotUsed => pages.NotUsed;

    public IReadOnlyList<Damage> Damages => [.. damages, .. pages.Damages];

    /// <summary>
    /// Text with the dump level that would keep more of the process; null if nothing is missing because of the dump level.
    /// </summary>
    public string? Advice => Total.Excluded == 0 ? null
        : "pages of programs were left out of this dump: makedumpfile -d 17 (or 1, 16, 0) keeps them all, -d 23 those of files not";

    /// <summary>Writes the core, and fills <see cref="Areas"/>.</summary>
    public void Write(Stream output)
    {
        ElfCoreWriter core = new(output, machine);
        List<(ProcessArea, CorePages)> done = [];
        long[] budget = Memory.Budget();
        foreach (ProcessArea area in Memory.Areas)
        {
            // Memory that programs share with the kernel (vvar) and memory of devices are also omitted from cores that the kernel writes.
            CorePages counts = new();
            WriteArea(core, area, counts, budget);
            Total.Add(counts);
            done.Add((area, counts));
        }
        Areas = done;
        core.Finish(Notes.Bytes());
        Segments = core.Segments;
    }

    public void Dispose() => pages.Dispose();

    private void WriteArea(ElfCoreWriter core, ProcessArea of, CorePages counts, long[] budget)
    {
        VmArea area = of.Area;
        uint flags = (area.IsReadable ? 4u : 0) | (area.IsWritable ? 2u : 0) | (area.IsExecutable ? 1u : 0);
        bool first = true;
        if (Memory.Pages is null)
        {
            core.Hole(area.Start.Value, area.Bytes, flags, first);
            counts.Lost += (long)(area.Bytes / (ulong)pages.Size);
            return;
        }
        foreach ((VirtualAddress at, UserPage page) in Memory.Entries(area, budget))
        {
            ulong end = Math.Min((at.Value & ~(page.Bytes - 1)) + page.Bytes, area.End.Value);
            bool none = page.Kind is UserPageKind.None;
            // Do not examine pieces page by page if all their pages have the same state.
            if (ProcessPages.AreAlike(of, page))
            {
                Put(core, pages.Load(of, page, at.Value, buffer), at.Value, end - at.Value, flags, first, counts);
                first = false;
                continue;
            }
            for (ulong address = at.Value; address < end; address += (ulong)pages.Size, first = false)
            {
                if (none && ++lookups > MaxLookups)
                {
                    Put(core, ProcessPageSource.NotRead, address, end - address, flags, first, counts);
                    first = false;
                    break;
                }
                UserPage one = none ? page : page with { Physical = new PhysicalAddress(page.Physical.Value + (address - at.Value)) };
                Put(core, pages.Load(of, one, address, buffer), address, (ulong)pages.Size, flags, first, counts);
            }
        }
    }

    private void Put(ElfCoreWriter core, ProcessPageSource source, ulong address, ulong bytes, uint flags, bool first, CorePages counts)
    {
        counts.Add(source, (long)(bytes / (ulong)pages.Size));
        if (source == ProcessPageSource.Zero)
            core.Zero(address, bytes, flags, first);
        else if (source > ProcessPageSource.Zero)
            core.Hole(address, bytes, flags, first);
        else
            core.Write(address, buffer, flags, first);
    }
}
