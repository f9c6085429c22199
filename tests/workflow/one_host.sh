#!/usr/bin/env bash
# A Slurm cluster of this one host, with GPUs that are only names: for tests. Run as root.
#
#   one_host.sh start FOLDER     all its files go there
#   one_host.sh stop FOLDER
#
# Needs the packages slurm-wlm and munge. There is no accounting, so run snakemake with
#   --slurm-no-account --slurm-status-command squeue
# Jobs find the cluster by links in /etc/slurm: `srun` within a job does not get SLURM_CONF. The
# files of another cluster there are left alone. Its servers listen on 127.0.0.1, and are stopped
# by the process ids that they wrote.
set -euo pipefail
FOLDER=$2
ETC=/etc/slurm
GPUS=3 CPUS=8 MEMORY_MB=16000 PORT=16817
cd /

alive() {
	[ -s "$FOLDER/run/$1.pid" ] && kill -0 "$(cat "$FOLDER/run/$1.pid")" 2>/dev/null
}

end() {
	alive "$1" || return 0
	local id
	id=$(cat "$FOLDER/run/$1.pid")
	kill "$id"
	for _ in $(seq 50); do
		kill -0 "$id" 2>/dev/null || return 0
		sleep 0.1
	done
	kill -9 "$id"
}

write_settings() {
	mkdir -p "$FOLDER"/{dev,log,state,run,spool} "$ETC"
	chmod 755 "$FOLDER" "$FOLDER/run" # munge wants a folder that only root writes to
	for gpu in $(seq 0 $((GPUS - 1))); do ln -s /dev/null "$FOLDER/dev/nvidia$gpu"; done
	(umask 077 && head -c 1024 /dev/urandom >"$FOLDER/munge.key")
	cat >"$FOLDER/slurm.conf" <<END
ClusterName=test
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort=$PORT
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
AuthType=auth/munge
AuthInfo=socket=$FOLDER/run/munge.sock
SlurmUser=root
MailProg=/bin/true
StateSaveLocation=$FOLDER/state
SlurmdSpoolDir=$FOLDER/spool
SlurmctldPidFile=$FOLDER/run/slurmctld.pid
SlurmdPidFile=$FOLDER/run/slurmd.pid
SlurmctldLogFile=$FOLDER/log/slurmctld.log
SlurmdLogFile=$FOLDER/log/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=sched_min_interval=0,batch_sched_delay=0,bf_interval=2
GresTypes=gpu
MinJobAge=3600
NodeName=one NodeHostname=localhost NodeAddr=127.0.0.1 Port=$((PORT + 1)) CPUs=$CPUS RealMemory=$MEMORY_MB Gres=gpu:$GPUS
PartitionName=all Nodes=ALL Default=YES MaxTime=1-0 State=UP
END
	echo "NodeName=one Name=gpu File=$FOLDER/dev/nvidia[0-$((GPUS - 1))]" >"$FOLDER/gres.conf"
	for name in slurm.conf gres.conf; do
		[ -e "$ETC/$name" ] || rm -f "$ETC/$name" # of a test that was killed, its folder gone
		ln -s "$FOLDER/$name" "$ETC/$name"        # fails where a cluster has its own
	done
}

start() {
	write_settings
	munged --key-file="$FOLDER/munge.key" --socket="$FOLDER/run/munge.sock" \
		--pid-file="$FOLDER/run/munged.pid" --log-file="$FOLDER/log/munged.log" \
		--seed-file="$FOLDER/run/munge.seed"
	slurmctld -c
	slurmd -N one
	for _ in $(seq 100); do
		[ "$(sinfo -h -N -o %T 2>/dev/null)" = idle ] && return 0
		sleep 0.1
	done
	echo "the node did not come up: $FOLDER/log" >&2
	return 1
}

stop() {
	if alive slurmctld; then scancel --user=root || true; fi
	for name in slurmd slurmctld munged; do end "$name"; done
	for name in slurm.conf gres.conf; do
		if [ "$(readlink "$ETC/$name")" = "$FOLDER/$name" ]; then rm "$ETC/$name"; fi
	done
}

case $1 in
start | stop) "$1" ;;
esac
