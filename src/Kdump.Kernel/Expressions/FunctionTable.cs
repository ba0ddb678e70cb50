namespace Kdump.Kernel.Expressions;

/// <summary>The functions of the expression language, in the order of its help.</summary>
public static class FunctionTable
{
    public static readonly Function[] All =
    [
        new("per_cpu", "ee", 1, "per_cpu(VARIABLE[, CPU])", "a per-CPU variable on one CPU, or on all"),
        new("per_cpu_ptr", "ee", 1, "per_cpu_ptr(POINTER[, CPU])", "what a __percpu pointer is on one CPU, or on all"),
        new("task", "e", 0, "task([PID])", "struct task_struct * of a thread; without PID of the one that is looked at"),
        new("tasks", "", 0, "tasks()", "every thread, struct task_struct * each"),
        new("module", "e", 1, "module(\"NAME\")", "struct module * of a loaded module"),
        new("list", "etm", 1, "list(HEAD[, TYPE, MEMBER])", "the entries of a list_head, TYPE * each"),
        new("hlist", "etm", 1, "hlist(HEAD[, TYPE, MEMBER])", "the entries of an hlist_head, or of an array of them (a hash table)"),
        new("llist", "etm", 1, "llist(HEAD[, TYPE, MEMBER])", "the entries of an llist_head"),
        new("rbtree", "etm", 1, "rbtree(ROOT[, TYPE, MEMBER])", "the entries of an rb_root, in their order"),
        new("xarray", "et", 1, "xarray(ARRAY[, TYPE])", "the entries of an xarray, radix_tree_root or idr, with their index"),
        new("maple", "et", 1, "maple(TREE[, TYPE])", "the entries of a maple_tree, with the first index of each"),
        new("mtree", "et", 1, "mtree(TREE[, TYPE])", "the same as maple"),
        new("slab", "et", 1, "slab(\"CACHE\"[, TYPE])", "the objects of a slab cache that are in use, TYPE * each"),
        new("chain", "em", 2, "chain(POINTER, MEMBER)", "POINTER, what its MEMBER points at, and so on until NULL"),
        new("bits", "e", 1, "bits(MASK)", "the numbers of the bits that are set: a cpumask, a bitmap, an integer"),
        new("flags", "et", 2, "flags(VALUE, ENUM)", "the names of the bits that are set, by an enum of masks or of bit numbers"),
        new("container_of", "etm", 3, "container_of(POINTER, TYPE, MEMBER)", "TYPE * of what POINTER is the MEMBER of"),
        new("offsetof", "tm", 2, "offsetof(TYPE, MEMBER)", "bytes before a member"),
        new("string", "ee", 1, "string(POINTER[, MAX])", "the text at that address, up to its NUL"),
        new("where", "ee", 2, "where(SEQUENCE, CONDITION)", "the elements for which CONDITION is true; 'it' is the element"),
        new("map", "ee", 2, "map(SEQUENCE, EXPRESSION)", "EXPRESSION for each element, which it calls 'it'"),
        new("count", "e", 1, "count(SEQUENCE)", "how many"),
        new("sum", "e", 1, "sum(SEQUENCE)", "their sum"),
        new("min", "e", 1, "min(SEQUENCE)", "the smallest"),
        new("max", "e", 1, "max(SEQUENCE)", "the largest"),
    ];

    public static Function? Find(string name) => Array.Find(All, f => f.Name == name);
}
