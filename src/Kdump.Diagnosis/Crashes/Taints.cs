namespace Kdump.Diagnosis.Crashes;

/// <summary>
/// The letters behind <c>Tainted:</c> in words: taint_flags in kernel/panic.c, Documentation/admin-guide/tainted-kernels.rst.
/// </summary>
public static class Taints
{
    private static readonly (char Letter, string Words)[] Known =
    [
        ('P', "a proprietary module was loaded"),
        ('F', "a module was loaded by force"),
        ('S', "the CPU runs out of specification"),
        ('R', "a module was removed by force"),
        ('M', "a machine check or SError happened, before this report or with it"),
        ('B', "a bad page or memory corruption was seen before"),
        ('U', "user space asked for the taint"),
        ('D', "the kernel had an oops before"),
        ('A', "an ACPI table was overridden"),
        ('W', "the kernel warned before"),
        ('C', "a staging driver was loaded"),
        ('I', "a firmware bug is worked around"),
        ('O', "a module from outside the kernel tree was loaded"),
        ('E', "an unsigned module was loaded"),
        ('L', "a soft lockup happened before"),
        ('K', "the kernel was live patched"),
        ('X', "taint of the distribution"),
        ('T', "the kernel was built with randomised structures"),
        ('N', "an in-kernel test ran"),
        ('J', "firmware was changed through fwctl"),
    ];

    /// <summary>In the order printed; G only says that no proprietary module is there.</summary>
    public static IReadOnlyList<string> InWords(string? letters)
    {
        var words = new List<string>();
        foreach (char letter in letters ?? "")
        {
            if (letter == 'G')
                continue;
            string? known = Known.FirstOrDefault(k => k.Letter == letter).Words;
            words.Add(known ?? $"unknown taint {Printable.Escape(letter.ToString())}");
        }
        return words;
    }
}
