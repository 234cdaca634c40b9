#!/usr/bin/env bash
# A Slurm cluster of one node with two processors, for tests: munge, the controller and the node's daemon run under one
# temporary folder, without systemd, cgroups or a database. Needs root, slurm-wlm and munge.
#
# Usage: cluster.sh start FOLDER    writes FOLDER/env, which a shell reads to reach the cluster
#        cluster.sh stop FOLDER
set -euo pipefail

folder=${2:?"expected a folder"}
host=$(hostname -s)

fail() {
    echo "cluster: $*" >&2
    tail -n 3 "$folder"/*.log >&2 || true
    exit 1
}

# Waits at most 30 seconds for a command to succeed.
await() {
    for _ in $(seq 150); do
        if "$@" >/dev/null 2>&1; then return 0; fi
        sleep 0.2
    done
    return 1
}

# A free port: nobody answers at it.
free_port() {
    local port
    for port in $(seq "$1" "$(($1 + 200))"); do
        if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            echo "$port"
            return
        fi
    done
}

configure() {
    local memory
    memory=$(awk '/^MemTotal/ { print int($2 / 1100) }' /proc/meminfo)
    # MaxArraySize is small so that a test reaches it; cred_expire keeps a requeued job from waiting for two minutes.
    cat >"$folder/slurm.conf" <<EOF
ClusterName=bellm
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$(free_port 26817)
SlurmdPort=$(free_port 27018)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket,cred_expire=5
CryptoType=crypto/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SwitchType=switch/none
ReturnToService=2
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
SlurmdParameters=config_overrides
SchedulerParameters=sched_interval=2,bf_interval=2,batch_sched_delay=0
KillWait=5
MinJobAge=10
InactiveLimit=0
OverTimeLimit=0
MaxArraySize=10
JobRequeue=1
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 Boards=1 SocketsPerBoard=1 CoresPerSocket=2 ThreadsPerCore=1 RealMemory=$memory State=UNKNOWN
PartitionName=test Nodes=$host Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO
EOF
}

start() {
    [[ $(id -u) -eq 0 ]] || fail "expected root"
    mkdir -p "$folder"/{munge,state,spool}
    folder=$(cd "$folder" && pwd)
    # munged refuses folders that others may write to, and a key that others may read.
    chmod 755 "$folder" "$folder/munge"
    dd if=/dev/urandom of="$folder/munge/key" bs=128 count=1 status=none
    chmod 600 "$folder/munge/key"
    configure
    printf 'export SLURM_CONF=%q\n' "$folder/slurm.conf" >"$folder/env"
    export SLURM_CONF=$folder/slurm.conf

    munged --force --socket="$folder/munge/socket" --key-file="$folder/munge/key" --log-file="$folder/munge.log" \
        --pid-file="$folder/munged.pid" --seed-file="$folder/munge/seed" >/dev/null 2>&1 || fail "munged doesn't start"
    await test -S "$folder/munge/socket" || fail "munged doesn't answer"
    slurmctld -i || fail "slurmctld doesn't start"
    await scontrol ping || fail "slurmctld doesn't answer"
    slurmd || fail "slurmd doesn't start"
    await bash -c 'sinfo --noheader --format %T | grep -q idle' || fail "the node isn't idle"
    echo "cluster: $(sinfo --noheader --format '%D node, %c processors, %T')" >&2
}

# Ends a daemon that this script started, by its own number, and waits for it.
end() {
    local pid
    pid=$(cat "$folder/$1.pid" 2>/dev/null) || return 0
    kill "$pid" 2>/dev/null || return 0
    for _ in $(seq 50); do
        kill -0 "$pid" 2>/dev/null || return 0
        sleep 0.2
    done
    kill -9 "$pid" 2>/dev/null || true
}

stop() {
    folder=$(cd "$folder" && pwd)
    export SLURM_CONF=$folder/slurm.conf
    timeout 20 scancel --user="$(id -un)" 2>/dev/null || true
    for _ in $(seq 50); do
        [[ -z $(timeout 5 squeue --noheader 2>/dev/null) ]] && break
        sleep 0.2
    done
    end slurmd
    end slurmctld
    end munged
}

case ${1:-} in
    start) start ;;
    stop) stop ;;
    *) fail "expected start or stop" ;;
esac
