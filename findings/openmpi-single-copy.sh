#!/bin/sh
# Ranks on one node copy out of each other's memory (process_vm_readv), which a seccomp profile may refuse; guides tell to allow it, or ptrace, for
# containers. Open MPI asks first whether both processes are in one user namespace, and each container without root has its own.
# expected: it tries, is refused, and says so, until the call is allowed
# seen with Open MPI 5.0.7: "can not proceed. processes are in difference namespaces", and shared memory instead, whatever seccomp says
. "$(dirname "$0")/mpi.inc"
export OMPI_MCA_smsc_base_verbose=20 NODES=1
pair 'two containers on one node'
grep -m 1 'namespaces' said || { echo 'this has changed'; exit 1; }
