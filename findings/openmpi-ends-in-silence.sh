#!/bin/sh
# Two nodes whose only network interface is lo, which Open MPI leaves out by itself (btl_tcp_if_exclude). Its ranks find no way to each other.
# expected: a message that names the two hosts, or that no interface is left
# seen with Open MPI 5.0.7 under Slurm 24.11.5: MPI_Init ends the job by code 17, without a word of Open MPI
. "$(dirname "$0")/mpi.inc"
unset OMPI_MCA_btl_tcp_if_include
pair 'without a word about interfaces'
grep -v '^srun\|^slurmstepd' said || echo '(nothing said)'
[ $status = 17 ] || { echo 'this has changed'; exit 1; }
export OMPI_MCA_btl_tcp_if_include=lo
pair 'btl_tcp_if_include=lo'
