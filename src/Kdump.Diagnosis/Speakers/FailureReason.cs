namespace Kdump.Diagnosis.Speakers;

/// <summary>
/// Why a program could not do something, by the words of the C library (strerror(3)) and of the shell at the end of its line: the
/// program and its step stand before them, in any wording.
/// </summary>
public static class FailureReason
{
    private static readonly (string Words, string Means)[] All =
    [
        ("No such file or directory", "a file or folder of that name is not there"),
        ("No such device or address", "there is no such device behind that name"),
        ("No such device", "there is no such device, or no driver for it"),
        ("Permission denied", "it may not: owner and mode, a security module, or the medium forbid it"),
        ("Operation not permitted", "it may not do this: it is not root, is in a container, or the kernel's policy forbids it"),
        ("No space left on device", "the file system is full"),
        ("Disk quota exceeded", "the quota of that user or project is used up"),
        ("run as root", "it is not root"),
        ("must be root", "it is not root"),
        ("need to be root", "it is not root"),
        ("requires root", "it is not root"),
        ("root privileges", "it is not root"),
        ("are you root?", "it is not root"),
        ("Read-only file system", "the file system is mounted read-only"),
        ("Device or resource busy", "something else has it in use"),
        ("Text file busy", "the program's file is being executed"),
        ("Input/output error", "the disk or the other end could not read or write it"),
        ("Cannot allocate memory", "there was not enough memory for it, or a senseless size was asked for"),
        ("Invalid argument", "the kernel or the library does not accept what was asked for"),
        ("Exec format error", "the file is of another architecture, or no program or module that this kernel takes"),
        ("Function not implemented", "this kernel was built without that call"),
        ("Operation not supported", "that file system, device or kernel does not support it"),
        ("Inappropriate ioctl for device", "the device is of another kind than the program thinks"),
        ("Protocol not supported", "the other end or this kernel does not speak that protocol"),
        ("Address family not supported", "this kernel or network does not have that kind of address"),
        ("Connection refused", "the machine answers, and nothing listens on that port"),
        ("Connection timed out", "no answer came: no network, a firewall, or a wrong address"),
        ("Connection reset by peer", "the other end broke the connection off"),
        ("No route to host", "there is no way to that machine"),
        ("Network is unreachable", "the network is not up, or has no route"),
        ("Name or service not known", "the name of the machine is not resolved"),
        ("Temporary failure in name resolution", "no name server answered"),
        ("Host key verification failed", "the server's ssh key is not the known one, or is not known"),
        ("Broken pipe", "the program at the other end of the pipe ended before"),
        ("Stale file handle", "the server has changed or removed the export"),
        ("Bad address", "a page of memory could not be read"),
        ("File exists", "there is one of that name already"),
        ("File too large", "the file is larger than the file system or a limit allows"),
        ("Is a directory", "it is a folder"),
        ("Not a directory", "a part of the path is no folder"),
        ("Directory not empty", "the folder is not empty"),
        ("Too many levels of symbolic links", "symbolic links lead in a circle"),
        ("Too many open files", "the limit of open files is reached"),
        ("Argument list too long", "the command line is too long"),
        ("Structure needs cleaning", "the file system is damaged"),
        ("Required key not available", "it is not signed by a key that this kernel trusts"),
        ("Key was rejected by service", "it is not signed by a key that this kernel trusts"),
        ("Value too large for defined data type", "a number is too large for the program"),
        ("Numerical result out of range", "a number is out of range"),
        ("cannot open shared object file", "a library that the program needs is not there"),
        ("command not found", "that program is not installed, or not in the image"),
        (": not found", "it is not there"),
        ("unrecognized option", "the program does not know that option: it is older or another one than the caller thinks"),
        ("invalid option", "the program does not know that option: it is older or another one than the caller thinks"),
        ("Syntax error", "a shell cannot read the script or its settings"),
        ("syntax error", "a shell cannot read the script or its settings"),
        ("unbound variable", "a setting that the script needs is empty"),
        ("bad substitution", "the shell does not know an expression of the script: the two do not fit"),
        ("Bad substitution", "the shell does not know an expression of the script: the two do not fit"),
        ("unexpected EOF while looking", "a quote or bracket of the script is not closed"),
        ("unexpected end of file", "the file is not whole, or a block of the script is not closed"),
        ("unary operator expected", "a setting that the script compares is empty"),
        ("integer expression expected", "the script compares something that is no number"),
        ("bad interpreter", "the shell or program that the script names is not there"),
        (" cannot be found", "it is not there"),
        (" could not be found", "it is not there"),
        // Programs that log in to something.
        ("authorization failure", "the other end refused the login: name or secret are not those that it wants"),
        ("failed to authenticate", "the other end refused the login: name or secret are not those that it wants"),
        ("Authentication failed", "the other end refused the login: name or secret are not those that it wants"),
        ("authentication failed", "the other end refused the login: name or secret are not those that it wants"),
        ("Access denied", "the other end refused the login: name or secret are not those that it wants"),
        // Programs that call others.
        ("exited with code", "a program that it called failed; the reason is in that program's own lines"),
        ("returned non-zero exit", "a program that it called failed; the reason is in that program's own lines"),
        // musl's words, where they differ from glibc's.
        ("Address not available", "the address or place that was asked for is not free, or not there"),
        ("Cannot assign requested address", "the address or place that was asked for is not free, or not there"),
        ("Resource busy", "something else has it in use"),
        ("Network unreachable", "the network is not up, or has no route"),
        ("Operation timed out", "no answer came in time"),
        ("No file descriptors available", "the limit of open files is reached"),
        ("Quota exceeded", "the quota of that user or project is used up"),
        ("Segmentation fault", "the program crashed"),
        ("core dumped", "the program crashed"),
    ];

    /// <summary>True if the text is such words and little else; their subject stands in front of the text.</summary>
    public static bool Is(ReadOnlySpan<char> text)
    {
        foreach ((string words, _) in All)
        {
            if (text.StartsWith(words, StringComparison.Ordinal))
                return true;
        }
        return false;
    }

    /// <summary>What the last such words of the line mean; null if it has none.</summary>
    public static string? Of(ReadOnlySpan<char> line) => Last(line).Means;

    /// <summary>The last such words themselves; null if it has none.</summary>
    public static string? WordsOf(ReadOnlySpan<char> line) => Last(line).Words;

    private static (string? Words, string? Means) Last(ReadOnlySpan<char> line)
    {
        int best = -1;
        (string? Words, string? Means) last = (null, null);
        foreach ((string words, string means) in All)
        {
            if (line.LastIndexOf(words, StringComparison.Ordinal) is >= 0 and var at && at > best)
                (best, last) = (at, (words, means));
        }
        return last;
    }
}
