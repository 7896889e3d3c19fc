#!/bin/sh
# Slurm's PMIx server makes a folder in slurmd's spool, names it to every rank (PMIX_SERVER_TMPDIR), and guides tell to bind the spool into containers.
# What the ranks have to read lies elsewhere: that folder stays empty, and the files (gds/shmem2) are in the node's /tmp.
# expected: with the spool alone both ranks start; with /tmp alone they do not
# seen with Slurm 24.11.5, PMIx 5.0.7: the other way round, PMIX_ERR_FILE_OPEN_FAILURE
. "$(dirname "$0")/mpi.inc"
pair 'the spool, and a /tmp of its own' --contain --bind "$work,/run/spool"
grep -m 1 -o 'PMIX_ERR_[A-Z_]*' said || true
pair 'the /tmp of the node, no spool' --contain --bind "$work,/tmp"
[ $status = 0 ] || { echo 'this has changed'; exit 1; }
