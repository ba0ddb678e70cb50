using System.CommandLine;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Fleet.Stores;
using Kdump.Formats.Bytes;

namespace Kdump.FleetCli.Commands;

/// <summary>A scan as a job for the batch system that a site already has: each task scans one shard of the same sources.</summary>
internal static class FleetJobCommands
{
    private const int DefaultShards = 16;

    /// <summary>Where a pod has the key of a redacted scan.</summary>
    private const string SecretPlace = "/run/secrets/kdt-fleet";

    public static Command Slurm(Context context)
    {
        (Argument<string[]> sources, Option<string> into, Option<int?> shards) = Arguments();
        var key = new Option<string?>("--redact-key") { Description =
            "Store no names: the file with the key, as the tasks see it (see kdt fleet scan)", HelpName = "FILE" };
        var command = new Command("slurm",
            "Print an sbatch script that scans with an array job, one shard per task. A killed task can be queued again.\n\n" +
            "Example: kdt fleet slurm /logs --into /shared/fleet.db --shards 32 | sbatch") { sources, into, shards, key };
        command.SetAction(parsed =>
        {
            int n = parsed.GetValue(shards) ?? DefaultShards;
            string store = parsed.GetValue(into)!;
            NoPassword(store, "and export PGPASSWORD before sbatch, or have a ~/.pgpass (PGPASSFILE) that the tasks see");
            Array.ForEach(parsed.GetValue(sources)!, NoStream);
            string redact = parsed.GetValue(key) is { } file ? $" --redact-key {ShellWord.Of(file)}" : "";
            // SQLite's locks do not work on a network file system, so each task writes its own file.
            bool shared = FleetStore.IsShared(store);
            context.Output.Write($"""
                #!/bin/bash
                #SBATCH --job-name=kdt-fleet
                #SBATCH --array=0-{n - 1}
                #SBATCH --cpus-per-task=1
                #SBATCH --requeue
                #SBATCH --open-mode=append
                # Each task scans one shard. After the last one: {(shared ? "nothing to do; all tasks write to one database" : $"kdt fleet merge {ShellWord.Of(store)} {ShellWord.Of(store)}.shard-*")}
                exec kdt fleet scan {string.Join(' ', parsed.GetValue(sources)!.Select(ShellWord.Of))} \
                  --into {(shared ? ShellWord.Of(store) : ShellWord.Of(store) + ".shard-\"$SLURM_ARRAY_TASK_ID\"")} \
                  --jobs "$SLURM_CPUS_PER_TASK" --shard "$SLURM_ARRAY_TASK_ID/{n}"{redact}

                """);
            return ExitCode.Fine;
        });
        return command;
    }

    public static Command Kubernetes(Context context)
    {
        (Argument<string[]> sources, Option<string> into, Option<int?> shards) = Arguments();
        var image = new Option<string>("--image") { Description = "A container image that contains kdt", Required = true,
            HelpName = "IMAGE" };
        var claim = new Option<string>("--claim") { Description = "The persistent volume claim with the sources, mounted as /data",
            Required = true, HelpName = "NAME" };
        var secret = new Option<string?>("--redact-secret") { Description = "Store no names: the Secret whose entry 'key' is the key " +
            "(kubectl create secret generic NAME --from-file=key=FILE)", HelpName = "NAME" };
        var login = new Option<string?>("--password-secret") { Description = "The Secret whose entry 'password' is PostgreSQL's " +
            "(kubectl create secret generic NAME --from-file=password=FILE)", HelpName = "NAME" };
        var command = new Command("kubernetes",
            "Print a Kubernetes manifest of an indexed job that scans, one shard per pod.\n\nExample: " +
            "kdt fleet kubernetes /data --into postgresql://kdump@db/fleet --image registry/kdt:0.1 --claim crashes | kubectl apply -f -") {
            sources, into, shards, image, claim, secret, login };
        command.SetAction(parsed =>
        {
            int n = parsed.GetValue(shards) ?? DefaultShards;
            string store = parsed.GetValue(into)!;
            NoPassword(store, "and the Secret that holds it with --password-secret");
            foreach (string source in parsed.GetValue(sources)!)
            {
                NoStream(source);
                InVolume(source, "source");
            }
            if (!FleetStore.IsShared(store))
                InVolume(store, "--into");
            string target = FleetStore.IsShared(store) ? ShellWord.Of(store) : ShellWord.Of(store) + ".shard-$JOB_COMPLETION_INDEX";
            string script = "exec kdt fleet scan " +
                $"{string.Join(' ', parsed.GetValue(sources)!.Select(ShellWord.Of))} --into {target} --shard $JOB_COMPLETION_INDEX/{n}";
            (string mount, string volume) = ("", "");
            if (parsed.GetValue(secret) is { } name)
            {
                script += $" --redact-key {SecretPlace}/key";
                mount = $"""

                            - name: redact
                              mountPath: {SecretPlace}
                              readOnly: true
                """;
                volume = $"""

                        - name: redact
                          secret:
                            secretName: {Yaml(name)}
                            items:
                              - key: key
                                path: key
                """;
            }
            string env = parsed.GetValue(login) is { } held ? $"""

                          env:
                            - name: PGPASSWORD
                              valueFrom:
                                secretKeyRef:
                                  name: {Yaml(held)}
                                  key: password
                """ : "";
            context.Output.Write($"""
                apiVersion: batch/v1
                kind: Job
                metadata:
                  name: kdt-fleet
                spec:
                  completions: {n}
                  parallelism: {n}
                  completionMode: Indexed
                  backoffLimitPerIndex: 3
                  template:
                    spec:
                      restartPolicy: Never
                      containers:
                        - name: kdt
                          image: {Yaml(parsed.GetValue(image)!)}
                          command: ["/bin/sh", "-c", {Yaml(script)}]{env}
                          volumeMounts:
                            - name: data
                              mountPath: /data{mount}
                      volumes:
                        - name: data
                          persistentVolumeClaim:
                            claimName: {Yaml(parsed.GetValue(claim)!)}{volume}

                """);
            return ExitCode.Fine;
        });
        return command;
    }

    /// <summary>A pod has nothing else that is there before and after it.</summary>
    private static void InVolume(string path, string what)
    {
        string full = Path.GetFullPath(path, "/");
        if (!path.StartsWith('/') || !(full + "/").StartsWith("/data/", StringComparison.Ordinal))
            throw new InputException(path, what, -1,
                "is not below /data, where the pods have the claim's volume: give the path as a pod sees it, " +
                "/data/…" + (what == "--into" ? ", or a postgresql:// URL" : ""));
    }

    /// <summary>A script is kept, shown and sent: it holds no password.</summary>
    private static void NoPassword(string store, string instead)
    {
        if (FleetStore.TellsPassword(store))
            throw new InputException(FleetStore.Shown(store), "--into", -1,
                $"has a password, which would stand in what is printed: give the URL without it, {instead}");
    }

    private static void NoStream(string source)
    {
        if (source == "-")
            throw new InputException("-", "source", -1, "a task has no list of paths on its standard input: give folders or patterns");
    }

    private static (Argument<string[]>, Option<string>, Option<int?>) Arguments() => (
        new Argument<string[]>("source") { Description = "Arguments for kdt fleet scan, with paths as the tasks see them",
            Arity = ArgumentArity.OneOrMore },
        new Option<string>("--into") { Description =
            "The store: a postgresql:// URL that all tasks share, or a file (then each task writes its own; merge them afterwards)",
            Required = true, HelpName = "STORE" },
        Numbers.Whole("--shards", $"Tasks (default {DefaultShards})", least: 1, most: 100_000));

    /// <summary>A double-quoted YAML scalar.</summary>
    private static string Yaml(string text) =>
        "\"" + Printable.Escape(text).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) +
            "\"";
}
