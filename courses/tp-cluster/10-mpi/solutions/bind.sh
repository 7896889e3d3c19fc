[ -x ring-mpich ] || apptainer exec mpich.sif mpicc -o ring-mpich ring.c
cat > app.def <<'END'
Bootstrap: docker
From: localhost:5000/debian-mini:1.0

%files
    ring-mpich /opt/ring

%runscript
    exec /opt/ring "$@"
END
apptainer build --force app.sif app.def
apptainer run app.sif
mkdir -p site-mpi && apptainer exec mpich.sif cp -r /opt/mpich/. site-mpi
cat > bind.sh <<'END'
#!/bin/bash
#SBATCH --job-name=bind
#SBATCH --nodes=2
#SBATCH --ntasks=2
#SBATCH --output=bind.txt
srun --mpi=pmi2 apptainer run --bind "$PWD/site-mpi:/opt/mpich" app.sif
END
sbatch bind.sh
until [ -z "$(squeue -h --name=bind)" ]; do sleep 1; done
cat bind.txt
rm -r site-mpi
