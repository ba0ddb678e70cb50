using System.Globalization;

namespace Kdump.Diagnosis.Model;

/// <summary>What the amount of a <see cref="Reckoned"/> counts.</summary>
public enum ReckonedUnit
{
    /// <summary>Things: vectors, errors, devices; <see cref="Reckoned.What"/> names them.</summary>
    Count,

    Bytes,
}

/// <summary>One number that a finding is based on: a row of its small table; the available amount comes first.</summary>
/// <param name="What">What it is a number of: <c>vectors offered</c>, <c>reserved</c>.</param>
/// <param name="Note">Its composition or owner; null if the row needs no explanation.</param>
public sealed record Reckoned(string What, long Amount, ReckonedUnit Unit = ReckonedUnit.Count, string? Note = null)
{
    /// <summary>As people write it: bytes in MB (2^20) or, from 10 GB on, in GB.</summary>
    public string Figure
    {
        get
        {
            if (Unit == ReckonedUnit.Count)
                return Amount.ToString(CultureInfo.InvariantCulture);
            return Amount >= 10L << 30 ? $"{(Amount + (1L << 29)) >> 30} GB" : $"{(Amount + (1 << 19)) >> 20} MB";
        }
    }

    /// <summary>As for <see cref="Fact"/>.</summary>
    public override string ToString() => $"{Figure} {What}";

    public static Reckoned Bytes(string what, long amount, string? note = null) => new(what, amount, ReckonedUnit.Bytes, note);
}
