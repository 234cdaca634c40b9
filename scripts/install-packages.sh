#!/usr/bin/env bash
# Installs Debian packages where they are missing: those that are named, else the system libraries that the build links, and
# WordNet to train on.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

packages=("$@")
[[ $# -gt 0 ]] ||
    packages=(libopenblas-dev libhdf5-dev libssl-dev libcurl4-openssl-dev libdnnl-dev libonig-dev libsqlite3-dev pkg-config wordnet-base)

if ! command -v dpkg-query >/dev/null; then
    [[ $# -eq 0 ]] && pkg-config --exists openblas hdf5 libcrypto libcurl dnnl oniguruma sqlite3 2>/dev/null ||
        fail "not a Debian system: install what Debian calls ${packages[*]}, with their pkg-config files"
    exit 0
fi

missing=()
for package in "${packages[@]}"; do
    [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
        missing+=("$package")
done
[[ ${#missing[@]} -eq 0 ]] && exit 0

by_hand="install by hand: apt-get install ${missing[*]}"
as_root=(env DEBIAN_FRONTEND=noninteractive)
if [[ $(id -u) -ne 0 ]]; then
    command -v sudo >/dev/null || fail "not root, and there is no sudo; $by_hand"
    as_root=(sudo "${as_root[@]}")
fi
say "installing ${missing[*]}"
# An interrupted installation is finished first; lists may be missing, or older than the packages they name.
{
    "${as_root[@]}" dpkg --configure -a &&
        "${as_root[@]}" apt-get -q -o DPkg::Lock::Timeout=600 update &&
        "${as_root[@]}" apt-get -q -y -o DPkg::Lock::Timeout=600 install --no-install-recommends "${missing[@]}"
} >&2 || fail "apt-get failed; $by_hand"
