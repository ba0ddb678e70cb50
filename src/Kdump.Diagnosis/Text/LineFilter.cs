namespace Kdump.Diagnosis.Text;

/// <summary>Picks lines out of a text, which it is shown in their order.</summary>
public delegate bool LineFilter(ReadOnlySpan<char> line);
