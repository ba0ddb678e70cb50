namespace Kdump.Kernel.Expressions;

/// <summary>What an expression gives: one <see cref="KernelObject"/>, or an <see cref="ObjectSequence"/> of them.</summary>
public abstract class Result
{
}
