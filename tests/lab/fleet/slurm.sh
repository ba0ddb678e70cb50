# shellcheck shell=bash disable=SC2154
# A Slurm of one node on loopback, without systemd and accounting (sourced by run). Needs root, slurm-wlm and munge.

slurm_start() { # FOLDER
    "$REPO/tests/need" slurmctld:slurmctld slurmd:slurmd sbatch:slurm-client munged:munge || return 1
    [ "$(id -u)" = 0 ] || { echo "Slurm's part needs root" >&2; return 1; }
    SLURM=$1
    local host
    host=$(hostname -s)
    mkdir -p "$SLURM"/{state,spool,munge}
    chmod 755 "$(dirname "$SLURM")" "$SLURM"
    chmod 700 "$SLURM/munge"
    head -c 1024 /dev/urandom > "$SLURM/munge/key"
    chmod 400 "$SLURM/munge/key"
    munged --force --key-file="$SLURM/munge/key" --socket="$SLURM/munge.sock" --pid-file="$SLURM/munge/pid" --log-file="$SLURM/munge/log" \
        --seed-file="$SLURM/munge/seed" || return 1
    cat > "$SLURM/slurm.conf" << EOF
ClusterName=one
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$SLURM/munge.sock
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc=$SLURM/jobcomp.txt
StateSaveLocation=$SLURM/state
SlurmdSpoolDir=$SLURM/spool
SlurmctldPidFile=$SLURM/slurmctld.pid
SlurmdPidFile=$SLURM/slurmd.pid
SlurmctldLogFile=$SLURM/slurmctld.log
SlurmdLogFile=$SLURM/slurmd.log
ReturnToService=2
SlurmctldPort=16817
SlurmdPort=16818
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=1000 State=UNKNOWN
PartitionName=p Nodes=$host Default=YES MaxTime=INFINITE State=UP
EOF
    export SLURM_CONF=$SLURM/slurm.conf
    slurmctld && slurmd -N "$host" || return 1
    cleanup() {
        local pid
        for pid in "$SLURM"/slurmd.pid "$SLURM"/slurmctld.pid "$SLURM"/munge/pid; do kill "$(cat "$pid" 2> /dev/null)" 2> /dev/null; done
        sleep 1
    }
    for _ in $(seq 30); do
        sinfo -h -o %T 2> /dev/null | grep -q idle && return 0
        sleep 1
    done
    echo "Slurm's node did not come up: $SLURM/slurmctld.log" >&2
    return 1
}

# kdt fleet slurm's own script; one task's process is killed while it works, and the task queued again.
slurm_scan() {
    local job victim
    "$KDT" fleet slurm "$work/fleet" --into "$work/array.db" --shards 6 > "$work/job.sh"
    sed -i "s|exec kdt|exec $KDT|; s|^#SBATCH --requeue|&\n#SBATCH --output=$work/slurm/task-%a.log|" "$work/job.sh"
    job=$(cd "$work" && sbatch --parsable job.sh) || return 1
    for _ in $(seq 200); do
        victim=$(pgrep -f "fleet scan $work/fleet --into $work/array.db.shard-2 " | head -n 1)
        [ -z "$victim" ] || break
        sleep 0.1
    done
    if [ -n "$victim" ]; then
        sleep 0.3
        kill -9 "$victim"
        sleep 2
        sbatch --parsable --array=2 "$work/job.sh" > /dev/null || return 1
        echo "     task 2 of job $job was killed and queued again"
    else
        echo "     no task was caught at work: none was killed" >&2
        return 1
    fi
    for _ in $(seq 600); do
        [ -n "$(squeue -h)" ] || break
        sleep 1
    done
    "$KDT" fleet merge "$work/array.db" "$work"/array.db.shard-* > /dev/null && same "$work/one.db" "$work/array.db"
}
