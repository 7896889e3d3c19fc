cat > ring.c <<'END'
/* Each rank says who it is, and where. Then a token goes round all of them, a hundred times, and rank 0 says how long a lap took. */
#include <mpi.h>
#include <stdio.h>

#define LAPS 100

int main(int argc, char **argv) {
	int rank, size, length, token = 0;
	char host[MPI_MAX_PROCESSOR_NAME];

	MPI_Init(&argc, &argv);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	MPI_Comm_size(MPI_COMM_WORLD, &size);
	MPI_Get_processor_name(host, &length);
	printf("rank %d of %d on %s\n", rank, size, host);

	int next = (rank + 1) % size, before = (rank + size - 1) % size;
	double start = MPI_Wtime();
	for (int lap = 0; size > 1 && lap < LAPS; lap++) {
		if (rank == 0)
			MPI_Send(&token, 1, MPI_INT, next, 0, MPI_COMM_WORLD);
		MPI_Recv(&token, 1, MPI_INT, before, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		if (rank > 0) {
			token++;
			MPI_Send(&token, 1, MPI_INT, next, 0, MPI_COMM_WORLD);
		}
	}
	if (rank == 0)
		printf("token %d after %d laps of %.0f microseconds\n", token, LAPS, (MPI_Wtime() - start) / LAPS * 1e6);

	MPI_Finalize();
	return 0;
}
END
apptainer pull --force openmpi.sif docker://localhost:5000/openmpi:5.0
apptainer exec openmpi.sif mpicc -o ring ring.c
apptainer exec openmpi.sif ./ring
