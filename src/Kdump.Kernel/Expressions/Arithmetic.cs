using Kdump.Kernel.Types;

namespace Kdump.Kernel.Expressions;

/// <summary>
/// C's integer arithmetic (C11 6.3.1): integer promotions, the usual arithmetic conversions, and pointer arithmetic like gcc's (void has
/// one byte).
/// </summary>
internal static class Arithmetic
{
    /// <summary>The type of an operand after the integer promotions.</summary>
    public static CType Promoted(KernelObject value)
    {
        CType bare = value.Type.Bare;
        if (value.BitSize is > 0 and < 32)
            return CType.Int;
        return bare.Kind == CTypeKind.Bool || bare.Size < 4 ? CType.Int : Of(bare.Size, bare.Signed);
    }

    public static KernelObject Unary(string operation, KernelObject value, int column)
    {
        if (operation == "!")
            return KernelObject.Of(!Truth(value, column));
        CType type = Integer(value, operation, column);
        ulong bits = KernelObject.Normal(type, value.Load());
        return KernelObject.Of(type, operation switch
        {
            "-" => unchecked(0 - bits),
            "~" => ~bits,
            _ => bits,
        });
    }

    /// <summary>True if the value is neither NULL nor zero.</summary>
    public static bool Truth(KernelObject value, int column)
    {
        if (value.Text is not null)
            return true;
        if (value.Type.Bare.Kind == CTypeKind.Function)
            return true;
        if (!value.Type.IsScalar && value.Type.Bare.Kind != CTypeKind.Array)
            throw new ExpressionException(column, $"{Described(value)} is neither true nor false: a number or a pointer was expected");
        return value.Load() != 0;
    }

    public static KernelObject Binary(string operation, KernelObject left, KernelObject right, int column)
    {
        if (operation is "==" or "!=" && Texts(left, right, column) is { } same)
            return KernelObject.Of(same == (operation == "=="));
        CType? leftTarget = Pointee(left), rightTarget = Pointee(right);
        if (operation is "==" or "!=" or "<" or ">" or "<=" or ">=")
            return KernelObject.Of(Compare(operation, left, right, leftTarget is not null || rightTarget is not null, column));
        if (leftTarget is not null || rightTarget is not null)
            return Pointers(operation, left, right, leftTarget, rightTarget, column);
        CType a = Integer(left, operation, column), b = Integer(right, operation, column);
        ulong x = left.Load(), y = right.Load();
        if (operation is "<<" or ">>")
            return Shift(operation, a, KernelObject.Normal(a, x), KernelObject.Normal(b, y), column);
        CType type = Common(a, b);
        x = KernelObject.Normal(type, x);
        y = KernelObject.Normal(type, y);
        if (operation is "/" or "%" && y == 0)
            throw new ExpressionException(column, "division by zero");
        return KernelObject.Of(type, unchecked(operation switch
        {
            "+" => x + y,
            "-" => x - y,
            "*" => x * y,
            "&" => x & y,
            "|" => x | y,
            "^" => x ^ y,
            "/" when !type.Signed => x / y,
            "%" when !type.Signed => x % y,
            // The smallest number divided by -1 does not fit in the type: it wraps, as with gcc.
            "/" => y == ulong.MaxValue ? 0 - x : (ulong)((long)x / (long)y),
            _ => y == ulong.MaxValue ? 0 : (ulong)((long)x % (long)y),
        }));
    }

    /// <summary>The common type of two operands: the larger one; of types of equal size the unsigned one.</summary>
    public static CType Common(CType a, CType b)
    {
        if (a.Size != b.Size)
            return a.Size > b.Size ? a : b;
        return a.Signed && b.Signed ? a : Of(a.Size, signed: false);
    }

    /// <summary>The type that a pointer, array or function refers to; null for other values.</summary>
    public static CType? Pointee(KernelObject value)
    {
        CType bare = value.Type.Bare;
        return bare.Kind switch
        {
            CTypeKind.Pointer or CTypeKind.Array => bare.Target,
            CTypeKind.Function => bare,
            _ => null,
        };
    }

    /// <summary>Description of an operand, for messages.</summary>
    public static string Described(KernelObject value)
    {
        if (value.IsUntyped)
            return $"'{value.Symbol}', whose type BTF does not have (give it: (TYPE){value.Symbol}),";
        return value.Text is not null ? "a text" : $"a value of type '{value.Type}'";
    }

    private static CType Of(int size, bool signed)
    {
        if (size <= 4)
            return signed ? CType.Int : CType.UnsignedInt;
        return signed ? CType.Long : CType.UnsignedLong;
    }

    private static CType Integer(KernelObject value, string operation, int column)
    {
        if (!value.Type.IsInteger || value.Type.Bare.Size > 8)
            throw new ExpressionException(column, $"{Described(value)} cannot be an operand of '{operation}'");
        return Promoted(value);
    }

    private static KernelObject Shift(string operation, CType type, ulong bits, ulong count, int column)
    {
        int width = 8 * type.Size;
        if (count >= (uint)width)
            throw new ExpressionException(column, $"a shift by {unchecked((long)count)} of {width} bits has no value in C");
        int n = (int)count;
        return KernelObject.Of(type, unchecked(operation switch
        {
            "<<" => bits << n,
            _ when type.Signed => (ulong)((long)bits >> n),
            _ => bits >> n,
        }));
    }

    private static bool? Texts(KernelObject left, KernelObject right, int column)
    {
        if (left.Text is null && right.Text is null)
            return null;
        KernelObject other = left.Text is null ? left : right;
        if (other.Text is null && Pointee(other)?.Bare is not { Kind: CTypeKind.Int, Size: 1 })
            throw new ExpressionException(column, $"{Described(other)} cannot be compared with a text");
        return left.String() == right.String();
    }

    private static bool Compare(string operation, KernelObject left, KernelObject right, bool pointers, int column)
    {
        if (left.Text is not null || right.Text is not null)
            throw new ExpressionException(column, "texts can only be compared by == and !=");
        ulong x = left.Load(), y = right.Load();
        bool signed = false;
        if (!pointers)
        {
            CType type = Common(Integer(left, operation, column), Integer(right, operation, column));
            x = KernelObject.Normal(type, x);
            y = KernelObject.Normal(type, y);
            signed = type.Signed;
        }
        else if ((Pointee(left) ?? Pointee(right)) is not null)
        {
            if (Pointee(left) is null)
                Integer(left, operation, column);
            if (Pointee(right) is null)
                Integer(right, operation, column);
        }
        int order = signed ? unchecked((long)x).CompareTo(unchecked((long)y)) : x.CompareTo(y);
        return operation switch
        {
            "==" => order == 0,
            "!=" => order != 0,
            "<" => order < 0,
            ">" => order > 0,
            "<=" => order <= 0,
            _ => order >= 0,
        };
    }

    private static KernelObject Pointers(string operation, KernelObject left, KernelObject right, CType? leftTarget, CType? rightTarget,
        int column)
    {
        if (leftTarget is not null && rightTarget is not null)
        {
            if (operation != "-")
                throw new ExpressionException(column, $"two pointers cannot be operands of '{operation}'");
            if (!leftTarget.Same(rightTarget))
                throw new ExpressionException(column,
                    $"'{left.Type}' and '{right.Type}' point at different types and cannot be subtracted");
            long bytes = unchecked((long)(left.Load() - right.Load()));
            return KernelObject.Of(CType.Long, unchecked((ulong)(bytes / Step(leftTarget, column))));
        }
        if (operation is not "+" and not "-" || (operation == "-" && leftTarget is null))
            throw new ExpressionException(column,
                $"{Described(leftTarget is null ? right : left)} cannot be an operand of '{operation}': cast it to unsigned long first");
        KernelObject pointer = leftTarget is null ? right : left, number = leftTarget is null ? left : right;
        Integer(number, operation, column);
        CType target = leftTarget ?? rightTarget!;
        ulong step = unchecked(number.Load() * (ulong)Step(target, column));
        ulong at = unchecked(operation == "+" ? pointer.Load() + step : pointer.Load() - step);
        return Pointer(pointer, target, at);
    }

    private static KernelObject Pointer(KernelObject from, CType target, ulong at) => KernelObject.PointerIn(from.Memory, target, at);

    private static long Step(CType target, int column)
    {
        if (target.Bare.Kind is CTypeKind.Void or CTypeKind.Function)
            return 1;
        return target.Size > 0 ? target.Size
            : throw new ExpressionException(column, $"'{target}' has no known size, so pointers to it cannot be subtracted");
    }
}
