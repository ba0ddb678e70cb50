namespace Kdump.Kernel.Expressions;

/// <summary>Result of an expression: one <see cref="KernelObject"/>, or an <see cref="ObjectSequence"/> of them.</summary>
public abstract class Result
{
}
