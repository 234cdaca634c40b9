#!/usr/bin/env bash
# Installs Slurm and munge for the test, where they are missing.
source "$(dirname "${BASH_SOURCE[0]}")/../common.sh"

if command -v slurmctld >/dev/null && command -v slurmd >/dev/null && command -v munged >/dev/null; then exit 0; fi
command -v apt-get >/dev/null || fail "not a Debian system: install Slurm (slurmctld, slurmd) and munge"
[[ $(id -u) -eq 0 ]] || fail "expected root, to install slurm-wlm and munge and to start them"
say "installing slurm-wlm and munge"
export DEBIAN_FRONTEND=noninteractive
{
    apt-get -q -o DPkg::Lock::Timeout=600 update &&
        apt-get -q -y -o DPkg::Lock::Timeout=600 install --no-install-recommends slurm-wlm munge
} >&2 || fail "apt-get failed; install by hand: apt-get install slurm-wlm munge"
