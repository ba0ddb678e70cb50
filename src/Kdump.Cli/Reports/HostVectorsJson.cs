using System.Text.Json;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;
using Kdump.Diagnosis.Vectors;

namespace Kdump.Cli.Reports;

/// <summary><c>kdt host vectors --json</c>.</summary>
internal static class HostVectorsJson
{
    /// <summary>Vectors after the 32 exceptions; those not available to devices are used by the kernel.</summary>
    private const int BehindExceptions = 224;

    public static void Write(TextWriter output, string root, VectorOutlook outlook, VectorPlan[] plans, Verdict verdict) =>
        JsonText.Write(output, "kdt.host.vectors/1", json =>
    {
        VectorForecast forecast = outlook.Forecast;
        json.WriteString("root", root);
        json.WriteString("image", outlook.Image.Length == 0 ? null : outlook.Image);
        json.WriteString("target", outlook.Target.Length == 0 ? null : outlook.Target);
        json.WriteNumber("perCpuCapacity", forecast.Capacity.Low);
        json.WriteNumber("perCpuCapacityHigh", forecast.Capacity.High);
        json.WriteNumber("systemVectors", BehindExceptions - forecast.Capacity.Low);
        json.WriteNumber("currentCpus", forecast.Current.Cpus);
        json.WriteBoolean("currentCpusAssumed", outlook.Assumed);
        json.WriteStartArray("devices");
        foreach (VectorConsumer consumer in forecast.Consumers)
            Consumer(json, consumer, forecast.Conditions);
        json.WriteEndArray();
        json.WriteStartArray("plans");
        foreach (VectorPlan plan in plans)
            Plan(json, plan, forecast);
        json.WriteEndArray();
        Number(json, "recommendedCpus", forecast.Recommended);
        json.WriteString("recommendedParameter", forecast.Current.Fits == false && forecast.WithoutPortServices.Enough ? "pcie_ports=compat"
            : null);
        json.WriteStartArray("gaps");
        foreach (string gap in outlook.Gaps)
            json.WriteStringValue(gap);
        json.WriteEndArray();
        VerdictJson.Write(json, "verdict", verdict);
    });

    private static void Consumer(Utf8JsonWriter json, VectorConsumer consumer, CaptureConditions conditions)
    {
        VectorNeed need = consumer.Need(conditions);
        json.WriteStartObject();
        json.WriteString("bdf", consumer.Device is null ? null : consumer.Name);
        json.WriteString("name", consumer.Name);
        json.WriteString("driver", consumer.Driver.Length == 0 ? null : consumer.Driver);
        json.WriteNumber("vectors", need.Likely);
        json.WriteNumber("low", need.Low);
        json.WriteNumber("high", need.High);
        json.WriteNumber("interrupts", need.Shown);
        json.WriteString("certainty", HostVectorsText.Word(need.Certainty));
        json.WriteString("reason", HostVectorsText.Reason(consumer));
        json.WriteString("authority", consumer.Row?.Source);
        json.WriteBoolean("onTargetPath", consumer.OnTargetPath);
        json.WriteEndObject();
    }

    private static void Plan(Utf8JsonWriter json, VectorPlan plan, VectorForecast forecast)
    {
        CaptureConditions conditions = forecast.With(plan.Cpus);
        json.WriteStartObject();
        json.WriteNumber("cpus", plan.Cpus);
        json.WriteNumber("needed", plan.Likely);
        json.WriteNumber("neededLow", plan.Low);
        json.WriteNumber("neededHigh", plan.High);
        json.WriteNumber("available", plan.Available);
        if (plan.Fits is { } fits)
            json.WriteBoolean("fits", fits);
        else
            json.WriteNull("fits");
        json.WriteNumber("interrupts", plan.Shown);
        json.WriteNumber("memoryCostBytes", plan.MemoryBytes);
        if (plan.TargetSurvives is { } survives)
            json.WriteBoolean("targetSurvives", survives);
        else
            json.WriteNull("targetSurvives");
        json.WriteStartArray("refused");
        foreach (VectorVictim v in plan.Victims)
        {
            json.WriteStartObject();
            json.WriteString("name", v.Consumer.Name);
            json.WriteString("driver", v.Consumer.Driver);
            json.WriteBoolean("fails", v.Fails);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartObject("byDevice");
        foreach (VectorConsumer consumer in forecast.Consumers.Where(c => c.Device is not null))
        {
            VectorNeed need = consumer.Need(conditions);
            if (need.High > 0)
                json.WriteNumber(consumer.Name, need.Shown);
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Number(Utf8JsonWriter json, string name, int? value)
    {
        if (value is { } n)
            json.WriteNumber(name, n);
        else
            json.WriteNull(name);
    }
}
