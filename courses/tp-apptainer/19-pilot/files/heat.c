#include <stdio.h>
#include <stdlib.h>

/* Heat in a rod: heat CELLS STEPS. The left end starts at 100 degrees, the rest at 0; the ends let nothing out. */
int main(int argc, char **argv) {
    int cells = argc > 1 ? atoi(argv[1]) : 40;
    int steps = argc > 2 ? atoi(argv[2]) : 100;
    if (cells < 2 || cells > 10000 || steps < 0) {
        fprintf(stderr, "heat CELLS STEPS: from 2 to 10000 cells, no negative steps\n");
        return 2;
    }
    double *now = calloc(cells, sizeof *now), *next = calloc(cells, sizeof *next);
    if (!now || !next) return 1;
    now[0] = 100.0;
    for (int step = 0; step < steps; step++) {
        for (int i = 0; i < cells; i++) {
            double left = i > 0 ? now[i - 1] : now[i], right = i < cells - 1 ? now[i + 1] : now[i];
            next[i] = now[i] + 0.25 * (left - 2 * now[i] + right);
        }
        double *swap = now;
        now = next;
        next = swap;
    }
    double total = 0;
    for (int i = 0; i < cells; i++) total += now[i];
    printf("%d cells, %d steps: middle %.6f, total %.4f\n", cells, steps, now[cells / 2], total);
    return 0;
}
