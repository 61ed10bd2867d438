#!/usr/bin/env bash
# scripts/numa-vm as a test: only when GYRE_NUMA_VM=1, since it takes a minute and a kernel.
#
# Usage: test_vm.sh BUILD
set -euo pipefail
if [[ ${GYRE_NUMA_VM-} != 1 ]]; then
    echo "SKIPPED: set GYRE_NUMA_VM=1 to boot a machine with four nodes (scripts/setup --numa-vm)"
    exit 77
fi
exec "$(dirname "${BASH_SOURCE[0]}")/../../scripts/numa-vm" --build="$1"
