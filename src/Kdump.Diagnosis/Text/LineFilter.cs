namespace Kdump.Diagnosis.Text;

/// <summary>Chooses lines of a text; it is called with each line in order.</summary>
public delegate bool LineFilter(ReadOnlySpan<char> line);
