namespace Kdump.Diagnosis.Reports;

/// <summary>
/// The language of a report. Rules and reports are written in English; another language translates these texts when a report is
/// written, and leaves in English what it has no translation for. Ids, names in JSON, commands and evidence have no translation.
/// </summary>
public class Words
{
    public static readonly Words English = new();

    protected Words()
    {
    }

    /// <summary>As the attribute <c>lang</c> of HTML has it.</summary>
    public virtual string Tag => "en";

    /// <summary>A fixed text of a report, or one with the values of this case.</summary>
    public virtual string Of(string english) => english;

    /// <summary>A text about one id of the catalogue.</summary>
    public virtual string Of(string id, string english) => english;

    /// <summary>The same verdict with titles, reasons, fixes and questions in this language.</summary>
    public virtual Verdict Of(Verdict verdict) => verdict;
}
